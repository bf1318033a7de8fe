package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.SyscallsAarch64;
import dev.remora.bindings.SyscallsX86_64;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SyscallTest {

    private static final int ABSENT = -1;

    @ParameterizedTest
    @EnumSource
    void hasTheNumbersOfItsName(Syscall syscall) throws ReflectiveOperationException {
        assertThat(syscall.number(Architecture.X86_64)).isEqualTo(generated(SyscallsX86_64.class, syscall));
        assertThat(syscall.number(Architecture.AARCH64)).isEqualTo(generated(SyscallsAarch64.class, syscall));
    }

    @ParameterizedTest
    @EnumSource
    void hasTheNumberOfThisMachine(Syscall syscall) {
        assertThat(syscall.number()).isEqualTo(syscall.number(Architecture.ofThisMachine()));
    }

    @ParameterizedTest
    @EnumSource
    void noTwoShareANumber(Architecture architecture) {
        assertThat(Arrays.stream(Syscall.values())
                        .map(syscall -> syscall.number(architecture))
                        .filter(number -> number != ABSENT))
                .hasSizeGreaterThan(60)
                .doesNotHaveDuplicates();
    }

    @Test
    void whatOneArchitectureNeverHadIsAbsentThereAlone() {
        for (Syscall syscall : Syscall.values()) {
            assertThat(Math.max(syscall.number(Architecture.X86_64), syscall.number(Architecture.AARCH64)))
                    .as(syscall.name())
                    .isNotNegative();
        }
        assertThat(Syscall.OPENAT.number(Architecture.AARCH64)).isEqualTo(56);
    }

    @Test
    void oldCallsDifferBetweenTheArchitectures() {
        assertThat(Syscall.MADVISE.number(Architecture.X86_64)).isEqualTo(28);
        assertThat(Syscall.MADVISE.number(Architecture.AARCH64)).isEqualTo(233);
        assertThat(Syscall.PROCESS_MADVISE.number(Architecture.X86_64)).isEqualTo(440);
        assertThat(Syscall.PROCESS_MADVISE.number(Architecture.AARCH64)).isEqualTo(440);
    }

    /** A call that an architecture never had is not among its generated constants. */
    private static Object generated(Class<?> numbers, Syscall syscall) throws ReflectiveOperationException {
        try {
            return numbers.getMethod("__NR_" + syscall.name().toLowerCase(Locale.ROOT))
                    .invoke(null);
        } catch (NoSuchMethodException absent) {
            return ABSENT;
        }
    }
}
