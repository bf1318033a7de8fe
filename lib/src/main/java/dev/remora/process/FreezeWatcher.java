package dev.remora.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.process.NotFrozenException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that what does not fall away by itself is undone when this process is killed: a child that holds what it takes,
 * and does it when its input or this process ends. One serves all freezes of this JVM, and ends some time after the last.
 */
final class FreezeWatcher {

    private static final long TIME_TO_ANSWER = TimeUnit.MINUTES.toNanos(1);

    /** No line, but what comes behind the last. */
    private static final String SILENCE = "\n";

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

    /** What it says is always listened to, so that an answer that nobody waits for any more is not taken for another one. */
    private record Child(Process process, Writer input, BlockingQueue<String> answers) {

        static Child start(List<String> line) throws IOException {
            Process process = JavaProgram.start(line);
            try {
                var answers = new LinkedBlockingQueue<String>();
                BufferedReader output = process.inputReader(StandardCharsets.US_ASCII);
                Thread _ = Thread.ofPlatform()
                        .name("remora-watcher-answers")
                        .daemon()
                        .start(() -> listen(output, answers));
                return new Child(process, process.outputWriter(StandardCharsets.US_ASCII), answers);
            } catch (RuntimeException | Error deaf) {
                process.destroyForcibly();
                throw deaf;
            }
        }

        private static void listen(BufferedReader output, BlockingQueue<String> answers) {
            try {
                output.lines().forEach(answers::add);
            } catch (UncheckedIOException killed) {
                // It says nothing any more.
            } finally {
                answers.add(SILENCE);
            }
        }

        void say(String line) throws IOException {
            input.write(line + "\n");
            input.flush();
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
                    if (answer == null || answer.equals(SILENCE)) {
                        throw new IOException("The watcher does not answer");
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
            Child holder = holderOf(number, what);
            watches++;
            return () -> forget(number, holder);
        } catch (IOException | IllegalStateException failure) {
            endChild();
            throw new NotFrozenException(Reason.NO_WATCHER);
        } finally {
            endSoonIfIdle();
        }
    }

    /** One that was started for somebody else may have been killed since. */
    @GuardedBy("this")
    private Child holderOf(long number, String what) throws IOException {
        if (child != null) {
            try {
                requireHeld(child, number, what);
                return child;
            } catch (IOException killed) {
                endChild();
            }
        }
        Child fresh = Child.start(line.get());
        child = fresh;
        requireHeld(fresh, number, what);
        return fresh;
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
