package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The thread that waits for exits. */
final class ExitWatcherTest {

    @Test
    void nothingStaysOpenWhereNoThreadCanBeStarted() {
        List<Integer> calls = new ArrayList<>();
        Kernel kernel = (number, _, _, _, _, _, _) -> {
            calls.add(number);
            return 7;
        };
        assertThatThrownBy(() -> ExitWatcher.start(kernel, _ -> {
                    throw new OutOfMemoryError("no thread");
                }))
                .hasMessage("no thread");
        assertThat(calls).containsExactly(Syscall.EPOLL_CREATE1.number(), Syscall.CLOSE.number());
    }

    @Test
    void whereNoThreadCanBeStartedAnEndIsAskedForAgainAndAgain() throws Exception {
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
            if (number == Syscall.EPOLL_CREATE1.number()) {
                throw new OutOfMemoryError("no thread");
            }
            return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        };
        Process cat = new ProcessBuilder("cat").start();
        try (PidFd pidFd = PidFd.open(kernel, Math.toIntExact(cat.pid()))) {
            assertThat(pidFd.awaitExit(Duration.ofMillis(20))).isFalse();
            cat.getOutputStream().close();
            assertThat(pidFd.awaitExit(Duration.ofMinutes(1))).isTrue();
        }
    }
}
