package dev.remora.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Architecture;
import dev.remora.syscall.SeccompFilterProgram;
import dev.remora.syscall.Syscall;
import java.util.EnumSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The filter's program, run by an interpreter, on both architectures. */
final class SandboxRulesTest {

    private static final int OWN_PID = 4711;
    private static final int ALLOWED = Linux.SECCOMP_RET_ALLOW();
    private static final int REFUSED = Linux.SECCOMP_RET_ERRNO() | Linux.EPERM();

    private static int verdict(Architecture architecture, Syscall call, long... arguments) {
        return program(architecture).run(architecture, call.number(architecture), arguments);
    }

    private static SeccompFilterProgram program(Architecture architecture) {
        return new SeccompFilterProgram(SandboxRules.of(architecture, OWN_PID));
    }

    @ParameterizedTest
    @EnumSource
    void letsTheChildWork(Architecture architecture) {
        for (Syscall call : EnumSet.of(Syscall.READ, Syscall.WRITE, Syscall.MMAP, Syscall.MUNMAP, Syscall.FUTEX)) {
            assertThat(verdict(architecture, call)).as(call.name()).isEqualTo(ALLOWED);
        }
        assertThat(verdict(architecture, Syscall.PROCESS_VM_WRITEV, OWN_PID)).isEqualTo(ALLOWED);
        assertThat(verdict(architecture, Syscall.TGKILL, OWN_PID, OWN_PID, 12)).isEqualTo(ALLOWED);
        assertThat(verdict(architecture, Syscall.OPENAT, 0, 0, Linux.O_RDONLY() | Linux.O_CLOEXEC()))
                .isEqualTo(ALLOWED);
    }

    @ParameterizedTest
    @EnumSource
    void refusesOtherProcesses(Architecture architecture) {
        for (Syscall call : EnumSet.of(Syscall.PROCESS_MADVISE, Syscall.PIDFD_OPEN, Syscall.SECCOMP)) {
            assertThat(verdict(architecture, call)).as(call.name()).isEqualTo(REFUSED);
        }
        assertThat(verdict(architecture, Syscall.PROCESS_VM_READV, 1)).isEqualTo(REFUSED);
        assertThat(verdict(architecture, Syscall.PROCESS_VM_WRITEV, 1)).isEqualTo(REFUSED);
        assertThat(verdict(architecture, Syscall.TGKILL, 1, 1, 9)).isEqualTo(REFUSED);
        assertThat(verdict(architecture, Syscall.PRLIMIT64, 1, 0, 0, 0)).isEqualTo(REFUSED);
    }

    @ParameterizedTest
    @EnumSource
    void startsThreadsButNoProcesses(Architecture architecture) {
        assertThat(verdict(architecture, Syscall.CLONE, 0x003d_0f00)).isEqualTo(ALLOWED);
        assertThat(verdict(architecture, Syscall.CLONE, 0x0120_0011)).isEqualTo(REFUSED);
        assertThat(verdict(architecture, Syscall.CLONE3)).isEqualTo(Linux.SECCOMP_RET_ERRNO() | Linux.ENOSYS());
    }

    @ParameterizedTest
    @EnumSource
    void opensFilesForReadingOnly(Architecture architecture) {
        for (int flags : new int[] {Linux.O_WRONLY(), Linux.O_RDWR(), Linux.O_CREAT(), Linux.O_TRUNC()}) {
            assertThat(verdict(architecture, Syscall.OPENAT, 0, 0, flags)).isEqualTo(REFUSED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatItDoesNotKnow(Architecture architecture) {
        assertThat(program(architecture).run(architecture, 100_000)).isEqualTo(REFUSED);
    }

    @ParameterizedTest
    @EnumSource
    void killsWhoCallsByTheTableOfAnotherArchitecture(Architecture architecture) {
        Architecture other = architecture == Architecture.X86_64 ? Architecture.AARCH64 : Architecture.X86_64;
        assertThat(program(architecture).run(other, Syscall.READ.number(other)))
                .isEqualTo(Linux.SECCOMP_RET_KILL_PROCESS());
    }
}
