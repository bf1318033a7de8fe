package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
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
}
