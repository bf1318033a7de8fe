package dev.remora;

import dev.remora.addressspace.ByteSize;

/**
 * Which huge pages {@code collapse} makes. Each is a window of 2 MiB (with pages of 4 KiB) that lies whole in one mapping;
 * what is missing of it is filled with zeros or read from swap or its file, so that the process grows by it.
 *
 * @param leastResidentPercent how much of a window is in RAM at least, from 1 to 100
 * @param mostGrowthBytes by how many bytes all windows together may make the process grow, at least 0. What is missing counts
 *     before the kernel is asked; what the process gives back or shares meanwhile comes on top. Windows are taken in the order of
 *     the request
 */
public record CollapseLimits(int leastResidentPercent, long mostGrowthBytes) {

    /** At least 90 percent of a window, and 64 MiB of growth altogether. */
    public static final CollapseLimits USUAL = new CollapseLimits(90, 64 * ByteSize.MiB);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if the percentage is not from 1 to 100, or the growth is negative
     */
    public CollapseLimits {
        if (leastResidentPercent < 1 || leastResidentPercent > 100) {
            throw new IllegalArgumentException("Of a huge page 1 to 100 percent can be asked to be in RAM, and "
                    + leastResidentPercent + " is not in that range");
        }
        if (mostGrowthBytes < 0) {
            throw new IllegalArgumentException("A process may grow by 0 bytes or more, and " + mostGrowthBytes
                    + " is less: 0 collapses only what is wholly in RAM");
        }
    }
}
