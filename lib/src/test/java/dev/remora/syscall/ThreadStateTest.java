package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import org.junit.jupiter.api.Test;

/** As {@code wait4(2)} and {@code ptrace(2)} encode them. */
final class ThreadStateTest {

    private static final int STOPPED = 0x7f;

    private static int stopped(int signal) {
        return signal << 8 | STOPPED;
    }

    @Test
    void aStopForASignalNamesIt() {
        assertThat(ThreadState.of(stopped(Linux.SIGUSR1()))).isEqualTo(new ThreadState.Signalled(Linux.SIGUSR1()));
        assertThat(ThreadState.of(stopped(Linux.SIGTRAP()))).isEqualTo(new ThreadState.Signalled(Linux.SIGTRAP()));
    }

    @Test
    void aSystemCallIsToldFromATrapOfTheProgram() {
        assertThat(ThreadState.of(stopped(Linux.SIGTRAP() | 0x80))).isEqualTo(new ThreadState.AtSystemCall());
    }

    @Test
    void theEndOfExecveIsTheEndOfASystemCall() {
        int event = Linux.PTRACE_EVENT_EXEC() << 16;
        assertThat(ThreadState.of(event | stopped(Linux.SIGTRAP()))).isEqualTo(new ThreadState.AtSystemCall());
    }

    @Test
    void aTrapThatWasAskedForIsNoSignalWhateverItSays() {
        int event = Linux.PTRACE_EVENT_STOP() << 16;
        assertThat(ThreadState.of(event | stopped(Linux.SIGTRAP()))).isEqualTo(new ThreadState.Trapped(false));
        assertThat(ThreadState.of(event | stopped(Linux.SIGSTOP())))
                .as("its process is stopped as well")
                .isEqualTo(new ThreadState.Trapped(true));
    }

    @Test
    void whatHasEndedHasEnded() {
        assertThat(ThreadState.of(0)).as("status 0").isEqualTo(new ThreadState.Ended());
        assertThat(ThreadState.of(3 << 8)).as("status 3").isEqualTo(new ThreadState.Ended());
        assertThat(ThreadState.of(Linux.SIGKILL())).as("killed").isEqualTo(new ThreadState.Ended());
        assertThat(ThreadState.of(Linux.SIGABRT() | 0x80)).as("dumped").isEqualTo(new ThreadState.Ended());
    }
}
