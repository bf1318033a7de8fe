package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.syscall.ErrnoException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LayoutTest {

    private static final String MAPS = """
        00010000-00014000 rw-p 00000000 00:00 0\s
        00014000-00016000 r--p 00000000 00:00 0\s
        00018000-0001a000 rw-p 00000000 00:00 0                                  [heap]
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
        """;

    @Test
    void cutsARangeAtTheBordersOfTheMappings() {
        assertThat(RecordedParts.of(MAPS, 0xf000, 0xc000))
                .isEqualTo(List.of(
                        "hole 0xf000-0x10000",
                        "mapped 0x10000-0x14000",
                        "mapped 0x14000-0x16000",
                        "hole 0x16000-0x18000",
                        "mapped 0x18000-0x1a000",
                        "hole 0x1a000-0x1b000"));
    }

    @Test
    void aRangeInsideOneMappingStaysWhole() {
        assertThat(RecordedParts.of(MAPS, 0x11000, 0x2000)).containsExactly("mapped 0x11000-0x13000");
        assertThat(RecordedParts.of(MAPS, 0x10000, 0x4000)).containsExactly("mapped 0x10000-0x14000");
    }

    @Test
    void aRangeBetweenMappingsIsOneHole() {
        assertThat(RecordedParts.of(MAPS, 0x16000, 0x2000)).containsExactly("hole 0x16000-0x18000");
        assertThat(RecordedParts.of(MAPS, 0, 0x10000)).containsExactly("hole 0x0-0x10000");
    }

    @Test
    void theKernelsHalfLiesBehindEveryRange() {
        assertThat(RecordedParts.of(MAPS, 0x1a000, Long.MAX_VALUE - 0x1a000))
                .containsExactly("hole 0x1a000-0x7fffffffffffffff");
    }

    @Test
    void aProcessWithoutMappingsIsGone() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> ScriptedProc.layout(""))
                .satisfies(
                        failure -> assertThat(ProcDirectory.meansGone(failure)).isTrue());
    }

    @Test
    void aListThatWasCutShortIsThatOfAProcessThatIsGone() {
        var kernel = new ScriptedProc(MAPS);
        kernel.whole = false;
        try (var process = ProcDirectory.open(kernel, 4711)) {
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> Layout.read(process))
                    .satisfies(failure ->
                            assertThat(ProcDirectory.meansGone(failure)).isTrue());
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> MappingFlags.read(process))
                    .withMessageContaining("/proc/4711/smaps, a list that was empty or cut short");
        }
        assertThat(kernel.open()).isZero();
    }

    @Test
    void readingLeavesNothingOpen() {
        var kernel = new ScriptedProc(MAPS);
        try (var process = ProcDirectory.open(kernel, 4711)) {
            var _ = Layout.read(process);
            assertThat(kernel.open()).isEqualTo(1);
        }
        assertThat(kernel.open()).isZero();
    }

    @Test
    void failingLeavesNothingOpen() {
        var kernel = new ScriptedProc("no mapping");
        try (var process = ProcDirectory.open(kernel, 4711)) {
            assertThatIllegalStateException().isThrownBy(() -> Layout.read(process));
            assertThat(kernel.open()).isEqualTo(1);
        }
        assertThat(kernel.open()).isZero();
    }
}
