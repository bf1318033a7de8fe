package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class PageSizeTest {

    @Test
    void isThatOfTheFirstMapping() throws IOException {
        try (var smaps = Files.lines(Path.of("/proc/self/smaps"))) {
            String line = smaps.filter(text -> text.startsWith("KernelPageSize:"))
                    .findFirst()
                    .orElseThrow();
            long kibibytes = Long.parseLong(line.replaceAll("\\D", ""));
            assertThat(PageSize.bytes()).isEqualTo(kibibytes * 1024);
        }
    }

    @Test
    void isAPowerOfTwo() {
        assertThat(Long.bitCount(PageSize.bytes())).isEqualTo(1);
        assertThat(PageSize.bytes()).isGreaterThanOrEqualTo(4096);
    }
}
