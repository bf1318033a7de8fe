package dev.remora;

import dev.remora.addressspace.MemoryRange;

/**
 * How much of a mapping a process used since a mark.
 *
 * @param range the mapping, as far as it was selected
 * @param mapping the whole mapping, which the figures are about: the kernel has none for parts
 * @param name its name as in {@code /proc/PID/maps}, empty if it has none
 * @param residentBytes what of the whole mapping is in RAM
 * @param usedBytes what of that was used since the mark
 */
public record UsedMapping(MemoryRange range, MemoryRange mapping, String name, long residentBytes, long usedBytes) {

    /** {@return whether some of it is in RAM, and none of that was used} */
    public boolean cold() {
        return residentBytes > 0 && usedBytes == 0;
    }
}
