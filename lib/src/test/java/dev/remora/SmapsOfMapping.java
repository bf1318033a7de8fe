package dev.remora;

import dev.remora.addressspace.MemoryRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code smaps} says of the mapping that begins where a range begins; the tests' own reader, not the library's.
 */
record SmapsOfMapping(long residentBytes, long swappedBytes) {

    static SmapsOfMapping of(long pid, MemoryRange range) {
        String header = Long.toHexString(range.address()) + "-";
        long resident = 0;
        long swapped = 0;
        boolean inside = false;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
                if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                    inside = line.startsWith(header);
                } else if (inside && line.startsWith("Rss:")) {
                    resident = bytes(line);
                } else if (inside && line.startsWith("Swap:")) {
                    swapped = bytes(line);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return new SmapsOfMapping(resident, swapped);
    }

    private static long bytes(String line) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
    }
}
