package dev.remora.sandbox;

import dev.remora.addressspace.ByteSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The size of the pages in the hugetlb pool, from {@code /proc/meminfo}. */
final class HugePages {

    private static final String LABEL = "Hugepagesize:";

    private HugePages() {}

    static long defaultBytes() {
        try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith(LABEL))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * ByteSize.KiB)
                    .findAny()
                    .orElseThrow(() -> new UnsupportedOperationException("This kernel has no pool of huge pages"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
