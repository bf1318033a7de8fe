package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.process.NotFrozenException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    /** As where somebody asked, and could not wait. */
    @Test
    void anAnswerThatNobodyWaitedForIsNotTakenForTheNext() {
        var before = watcherThatSays("read line; echo ready 0; echo; echo ready 1; read line; echo refused 2; cat");
        before.watchStop(self).close();
        before = watcherThatSays("read line; echo refused 0 1; echo ready 11; echo refused 1 3; cat");
        assertNotWatched(before);
        before = watcherThatSays("read line; echo ready 0");
        assertNotWatched(before);
    }

    private static FreezeWatcher watcherThatSays(String program) {
        return new FreezeWatcher(Duration.ofMillis(50), () -> List.of("sh", "-c", program));
    }

    private void assertNotWatched(FreezeWatcher whose) {
        assertThatExceptionOfType(NotFrozenException.class)
                .isThrownBy(() -> whose.watchStop(self))
                .satisfies(thrown -> assertThat(thrown.reason()).isEqualTo(Reason.NO_WATCHER));
    }

    /** That may be seen only when it does not answer. */
    @Test
    void oneThatWasKilledIsReplaced() {
        var programs = new ArrayDeque<>(
                List.of("read line; echo ready 1; read line; read line", "read line; echo ready 2; cat"));
        var whose = new FreezeWatcher(Duration.ofMinutes(1), () -> List.of("sh", "-c", programs.remove()));
        whose.watchStop(self).close();
        whose.watchStop(self).close();
        assertThat(programs).isEmpty();
    }

    @Test
    void whoCouldNotWaitLeavesOthersTheirs() {
        FreezeWatcher.Watch first = watcher.watchStop(self);
        Thread.currentThread().interrupt();
        assertNotWatched(watcher);
        assertThat(Thread.interrupted()).isTrue();
        assertChildStays();
        first.close();
        assertThat(childEnds()).isTrue();
    }

    /** What was asked for may have been done. */
    @Test
    void whoCouldNotWaitHasItForgotten(@TempDir Path folder) throws IOException {
        Path said = folder.resolve("said");
        var whose = watcherThatSays("exec cat > " + said);
        Thread.currentThread().interrupt();
        assertNotWatched(whose);
        var _ = Thread.interrupted();
        assertThat(Polling.until(System.nanoTime() + TimeUnit.MINUTES.toNanos(1), () -> saidLast(said, "1 forget")))
                .isTrue();
    }

    private static boolean saidLast(Path file, String line) {
        try {
            return Files.exists(file) && Files.readString(file).endsWith(line + "\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
