package dev.remora.process;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs something on a thread of its own, which ends with it: a tracer has to be one and the same platform thread all the
 * time, and whatever it still traces when it ends runs on.
 */
public final class TracerThread {

    private static final long MILLISECONDS_BETWEEN_LOOKS = 5;

    private TracerThread() {}

    /** What those who wait for a tracer do now and then: without it, it may never come to an end. */
    static void helpTracers() {
        try {
            TracedThreads.collectDead();
        } catch (RuntimeException | Error later) {
            // It is tried again soon.
        }
    }

    /** The same on the thread of this JVM that traces the process already, where there is one. */
    public static <T> T callFor(PinnedProcess process, Supplier<T> task) {
        return Freeze.byTracerOf(process, task).orElseGet(() -> call(task));
    }

    /** Returns what the task returns, or throws what it throws. It is not cut short when the caller is interrupted. */
    public static <T> T call(Supplier<T> task) {
        var run = new Run<>(task);
        Thread thread = Thread.ofPlatform().name("remora-tracer").daemon().start(run);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join(MILLISECONDS_BETWEEN_LOOKS);
                helpTracers();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return run.result();
    }

    private static final class Run<T> implements Runnable {

        private final Supplier<T> task;
        private @Nullable T result;
        private @Nullable Throwable failure;

        Run(Supplier<T> task) {
            this.task = task;
        }

        @Override
        public void run() {
            try {
                result = task.get();
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            }
        }

        T result() {
            if (failure instanceof RuntimeException thrown) {
                throw thrown;
            }
            if (failure instanceof Error thrown) {
                throw thrown;
            }
            return Objects.requireNonNull(result);
        }
    }
}
