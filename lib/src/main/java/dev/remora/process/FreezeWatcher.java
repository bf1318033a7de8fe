package dev.remora.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.process.NotFrozenException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that what does not fall away by itself is undone when this process is killed: a child that holds what it takes,
 * and does it when its input ends. One serves all freezes of this JVM, and ends some time after the last.
 */
final class FreezeWatcher {

    private static final int SECONDS_TO_ANSWER = 20;
    private static final FreezeWatcher INSTANCE = new FreezeWatcher(Duration.ofSeconds(30));

    private final Duration patience;

    @GuardedBy("this")
    private @Nullable Child child;

    @GuardedBy("this")
    private long lastNumber;

    @GuardedBy("this")
    private int watches;

    /** How often there was nothing to watch any more. */
    @GuardedBy("this")
    private long idleTimes;

    /**
     * Prepares one of its own.
     *
     * @param patience how long the child waits for more when there is nothing to watch
     */
    FreezeWatcher(Duration patience) {
        this.patience = patience;
    }

    static FreezeWatcher instance() {
        return INSTANCE;
    }

    /** What is to be undone, until it is closed. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    private record Child(Process process, BufferedReader output, Writer input) {

        static Child start() throws IOException {
            Process process = JavaProgram.start(JavaProgram.line(FreezeWatcherMain.class));
            return new Child(
                    process,
                    process.inputReader(StandardCharsets.US_ASCII),
                    process.outputWriter(StandardCharsets.US_ASCII));
        }

        void say(String line) throws IOException {
            input.write(line + "\n");
            input.flush();
        }

        /** What it says next; it is ended if that takes too long. */
        String hear() throws IOException {
            CompletableFuture<String> line = new CompletableFuture<>();
            Thread _ = Thread.ofPlatform()
                    .name("remora-watcher-answer")
                    .daemon()
                    .start(() -> {
                        try {
                            line.complete(String.valueOf(output.readLine()));
                        } catch (IOException failure) {
                            line.completeExceptionally(failure);
                        }
                    });
            try {
                return line.get(SECONDS_TO_ANSWER, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException | InterruptedException silent) {
                throw new IOException("The watcher does not answer", silent);
            }
        }

        void end() {
            try {
                input.close();
            } catch (IOException endedAlready) {
                process.destroyForcibly();
            }
        }
    }

    /**
     * Has SIGCONT sent to the process that has this number now. It is the right one if it still lives when this returns.
     */
    Watch watchStop(int pid) {
        return watch(FreezeWatcherMain.SIGNAL + " " + pid);
    }

    /** Has a text written to the file that is there now. */
    Watch watchFile(String path, String text) {
        String encoded = Base64.getEncoder().encodeToString(path.getBytes(StandardCharsets.UTF_8));
        return watch(FreezeWatcherMain.WRITE + " " + encoded + " " + text);
    }

    private synchronized Watch watch(String what) {
        long number = ++lastNumber;
        try {
            Child living = living();
            living.say(number + " " + what);
            if (!living.hear().equals(FreezeWatcherMain.READY + " " + number)) {
                throw new NotFrozenException(Reason.NO_WATCHER);
            }
            watches++;
            return () -> forget(number, living);
        } catch (IOException | IllegalStateException failure) {
            endChild();
            throw new NotFrozenException(Reason.NO_WATCHER);
        } finally {
            endSoonIfIdle();
        }
    }

    @GuardedBy("this")
    private Child living() throws IOException {
        Child living = child;
        if (living == null || !living.process().isAlive()) {
            living = Child.start();
            child = living;
        }
        return living;
    }

    private synchronized void forget(long number, Child whose) {
        try {
            whose.say(number + " " + FreezeWatcherMain.FORGET);
        } catch (IOException endedMeanwhile) {
            whose.end();
        }
        watches--;
        endSoonIfIdle();
    }

    /** Also after a refusal, which may have been all there was. */
    @GuardedBy("this")
    private void endSoonIfIdle() {
        if (watches == 0) {
            long time = ++idleTimes;
            CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> endIfIdleSince(time));
        }
    }

    private synchronized void endIfIdleSince(long time) {
        if (watches == 0 && time == idleTimes) {
            endChild();
        }
    }

    synchronized boolean hasChild() {
        return child != null;
    }

    @GuardedBy("this")
    private void endChild() {
        if (child != null) {
            child.end();
            child = null;
        }
    }
}
