package dev.remora.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.process.NotFrozenException.Reason;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that what does not fall away by itself is undone when this process is killed: a child that holds what it takes,
 * and does it when its input or this process ends. One serves all freezes of this JVM, and ends some time after the last.
 */
final class FreezeWatcher {

    private static final long TIME_TO_ANSWER = TimeUnit.MINUTES.toNanos(1);

    private static final FreezeWatcher INSTANCE = new FreezeWatcher(Duration.ofSeconds(30));

    private final Duration patience;
    private final Supplier<List<String>> line;

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
        this(
                patience,
                () -> JavaProgram.line(
                        FreezeWatcherMain.class,
                        Long.toString(ProcessHandle.current().pid())));
    }

    /** The same with a program of the caller's choice. */
    FreezeWatcher(Duration patience, Supplier<List<String>> line) {
        this.patience = patience;
        this.line = line;
    }

    static FreezeWatcher instance() {
        return INSTANCE;
    }

    /** What is to be undone, until it is closed. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /** It does nothing any more. */
    private static final class KilledException extends IOException {
        private static final long serialVersionUID = 1L;

        KilledException(@Nullable IOException cause) {
            super("The watcher has ended", cause);
        }
    }

    /** What it says is always listened to, so that an answer that nobody waits for any more is not taken for another one. */
    private record Child(Process process, Writer input, BlockingQueue<String> answers) {

        static Child start(List<String> line) throws IOException {
            Process process = JavaProgram.start(line);
            try {
                return new Child(
                        process,
                        process.outputWriter(StandardCharsets.US_ASCII),
                        ProgramOutput.of(process, "remora-watcher-answers"));
            } catch (RuntimeException | Error deaf) {
                process.destroyForcibly();
                throw deaf;
            }
        }

        void say(String line) throws KilledException {
            try {
                input.write(line + "\n");
                input.flush();
            } catch (IOException killed) {
                throw new KilledException(killed);
            }
        }

        /** Says whether it holds what it was asked to; what it has said to others before is passed over. */
        boolean holds(long number) throws IOException {
            String ready = FreezeWatcherMain.READY + " " + number;
            String refused = FreezeWatcherMain.REFUSED + " " + number;
            long deadline = System.nanoTime() + TIME_TO_ANSWER;
            try {
                String answer;
                do {
                    answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    if (answer == null) {
                        throw new IOException("The watcher does not answer");
                    }
                    if (answer.equals(ProgramOutput.END)) {
                        throw new KilledException(null);
                    }
                } while (!answer.equals(ready) && !(answer + " ").startsWith(refused + " "));
                return answer.equals(ready);
            } catch (InterruptedException unheard) {
                Thread.currentThread().interrupt();
                throw new IOException("The watcher was not waited for", unheard);
            }
        }

        /** Whom that cannot be said, ends. */
        void forget(long number) {
            try {
                say(number + " " + FreezeWatcherMain.FORGET);
            } catch (IOException | RuntimeException | Error unsaid) {
                end();
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
            Watch watch = heldByAny(number, what);
            watches++;
            return watch;
        } catch (IOException | IllegalStateException failure) {
            endIfIdle();
            throw new NotFrozenException(Reason.NO_WATCHER);
        } finally {
            endSoonIfIdle();
        }
    }

    /** One that was started for somebody else may have been killed since. */
    @GuardedBy("this")
    private Watch heldByAny(long number, String what) throws IOException {
        if (child != null) {
            try {
                return heldBy(child, number, what);
            } catch (KilledException killed) {
                child = null;
            }
        }
        Child fresh = Child.start(line.get());
        child = fresh;
        return heldBy(fresh, number, what);
    }

    /** Whatever takes memory is made before anything is held. */
    private Watch heldBy(Child holder, long number, String what) throws IOException {
        Watch watch = () -> forget(number, holder);
        requireHeld(holder, number, what);
        return watch;
    }

    /** What it may hold after all, although nobody knows, it is to forget. */
    private static void requireHeld(Child living, long number, String what) throws IOException {
        try {
            living.say(number + " " + what);
            if (!living.holds(number)) {
                throw new NotFrozenException(Reason.NO_WATCHER);
            }
        } catch (RuntimeException | Error | IOException failure) {
            living.forget(number);
            throw failure;
        }
    }

    private synchronized void forget(long number, Child whose) {
        whose.forget(number);
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
        if (time == idleTimes) {
            endIfIdle();
        }
    }

    synchronized boolean hasChild() {
        return child != null;
    }

    /** What it holds for others, it would undo. */
    @GuardedBy("this")
    private void endIfIdle() {
        if (watches == 0 && child != null) {
            child.end();
            child = null;
        }
    }
}
