package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ErrorNumberTest {

    @Test
    void describesWhatItKnows() {
        assertThat(ErrorNumber.describe(Linux.EPERM())).isEqualTo("EPERM, operation not permitted");
        assertThat(ErrorNumber.describe(Linux.ESRCH())).isEqualTo("ESRCH, no such process");
        assertThat(ErrorNumber.describe(Linux.ENOMEM())).isEqualTo("ENOMEM, out of memory or not mapped");
    }

    /** The numbers are written down here once more: those of asm-generic, which both architectures use. */
    @ParameterizedTest
    @CsvSource({
        "1, EPERM",
        "2, ENOENT",
        "3, ESRCH",
        "4, EINTR",
        "5, EIO",
        "7, E2BIG",
        "9, EBADF",
        "10, ECHILD",
        "11, EAGAIN",
        "12, ENOMEM",
        "13, EACCES",
        "14, EFAULT",
        "16, EBUSY",
        "17, EEXIST",
        "19, ENODEV",
        "20, ENOTDIR",
        "21, EISDIR",
        "22, EINVAL",
        "23, ENFILE",
        "24, EMFILE",
        "25, ENOTTY",
        "27, EFBIG",
        "28, ENOSPC",
        "38, ENOSYS",
        "95, EOPNOTSUPP",
        "110, ETIMEDOUT"
    })
    void namesWhatItKnows(int errno, String name) {
        assertThat(ErrorNumber.name(errno)).isEqualTo(name);
        assertThat(ErrorNumber.describe(errno)).startsWith(name + ", ");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 4095, 4711, Integer.MAX_VALUE})
    void whatItDoesNotKnowStaysANumber(int errno) {
        assertThat(ErrorNumber.describe(errno)).isEqualTo("errno " + errno);
        assertThat(ErrorNumber.name(errno)).isEqualTo("errno " + errno);
    }
}
