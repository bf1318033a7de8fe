package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.bindings.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PageSizeTest {

    private static Kernel withPagesOf(long bytes) {
        return (number, a0, a1, _, _, _, _) -> {
            assertThat(number).isEqualTo(Syscall.MINCORE.number());
            assertThat(a1).isZero();
            return a0 % bytes == 0 ? 0 : -Linux.EINVAL();
        };
    }

    @ParameterizedTest
    @ValueSource(longs = {4 << 10, 16 << 10, 64 << 10})
    void isTheSmallestThatBeginsAPage(long bytes) {
        assertThat(PageSize.of(withPagesOf(bytes))).isEqualTo(bytes);
    }

    @Test
    void aRefusedCallIsNotTakenForAnUnknownSize() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> PageSize.of((_, _, _, _, _, _, _) -> -Linux.EPERM()))
                .withMessage("mincore(nothing): EPERM, operation not permitted");
    }

    @Test
    void anUnknownSizeIsRefused() {
        assertThatIllegalStateException().isThrownBy(() -> PageSize.of(withPagesOf(1 << 20)));
    }

    @Test
    @Tag("kernel")
    void isThatOfTheFirstMapping() throws IOException {
        try (var smaps = Files.lines(Path.of("/proc/self/smaps"))) {
            String line = smaps.filter(text -> text.startsWith("KernelPageSize:"))
                    .findFirst()
                    .orElseThrow();
            long kibibytes = Long.parseLong(line.replaceAll("\\D", ""));
            assertThat(PageSize.of(LinuxKernel.instance())).isEqualTo(kibibytes * 1024);
        }
    }
}
