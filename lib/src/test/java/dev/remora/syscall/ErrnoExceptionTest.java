package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.bindings.Linux;
import org.junit.jupiter.api.Test;

final class ErrnoExceptionTest {

    @Test
    void saysCallOperandsAndErrno() {
        var failure = new ErrnoException("openat", "/proc/4711/maps", Linux.EACCES());
        assertThat(failure).hasMessage("openat(/proc/4711/maps): EACCES, permission denied");
        assertThat(failure.call()).isEqualTo("openat");
        assertThat(failure.errno()).isEqualTo(Linux.EACCES());
    }

    @Test
    void operandsAreNoFormat() {
        String operands = "/tmp/100%" + "s";
        assertThat(new ErrnoException("openat", operands, 4711)).hasMessage("openat(" + operands + "): errno 4711");
    }

    @Test
    void aResultThatIsNoErrnoIsPassedOn() {
        assertThat(ErrnoException.check(0, "read", "")).isZero();
        assertThat(ErrnoException.check(42, "read", "")).isEqualTo(42);
        assertThat(ErrnoException.check(Long.MAX_VALUE, "read", "")).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anErrnoIsThrown() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> ErrnoException.check(-Linux.ESRCH(), "pidfd_open", "pid 4711"))
                .withMessage("pidfd_open(pid 4711): ESRCH, no such process")
                .satisfies(failure -> assertThat(failure.errno()).isEqualTo(Linux.ESRCH()));
    }
}
