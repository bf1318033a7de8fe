package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.process.NotFrozenException.Reason;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** When the child that watches ends; nothing is stopped. */
@Tag("kernel")
final class FreezeWatcherKernelTest {

    private final FreezeWatcher watcher = new FreezeWatcher(Duration.ofMillis(50));
    private final int self = (int) ProcessHandle.current().pid();

    private boolean childEnds() {
        return Polling.until(System.nanoTime() + TimeUnit.MINUTES.toNanos(1), () -> !watcher.hasChild());
    }

    private void assertChildStays() {
        assertThat(Polling.until(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300), () -> !watcher.hasChild()))
                .isFalse();
    }

    @Test
    void theChildEndsAfterTheLastInWhateverOrderTheyEnd() {
        FreezeWatcher.Watch first = watcher.watchStop(self);
        FreezeWatcher.Watch second = watcher.watchStop(self);
        second.close();
        assertChildStays();
        first.close();
        assertThat(childEnds()).isTrue();
    }

    @Test
    void theChildEndsAfterARefusalToo() {
        assertThatExceptionOfType(NotFrozenException.class)
                .isThrownBy(() -> watcher.watchFile("/nowhere/file", "0"))
                .satisfies(thrown -> assertThat(thrown.reason()).isEqualTo(Reason.NO_WATCHER));
        assertThat(childEnds()).isTrue();
    }

    @Test
    void theChildStaysWhileThereIsSomethingToWatch() {
        watcher.watchStop(self).close();
        FreezeWatcher.Watch watch = watcher.watchStop(self);
        assertChildStays();
        watch.close();
        assertThat(childEnds()).isTrue();
    }
}
