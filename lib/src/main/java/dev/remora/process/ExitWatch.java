package dev.remora.process;

import java.util.concurrent.CompletableFuture;

/**
 * The wait for the end of one process. Whoever started it closes the pidfd only when it is over: after completion, or
 * after {@link #cancel()}. By then the pidfd is watched no more.
 */
public final class ExitWatch {

    private final PidFd pidFd;
    private final Runnable forget;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    ExitWatch(PidFd pidFd, Runnable forget) {
        this.pidFd = pidFd;
        this.forget = forget;
    }

    PidFd pidFd() {
        return pidFd;
    }

    /** Completes when the process has ended, on a thread that must not be held up. Only {@link #cancel()} cancels it. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    void complete() {
        forget.run();
        ended.complete(null);
    }

    void fail(Throwable failure) {
        ended.completeExceptionally(failure);
    }

    /** Does nothing once it is over. */
    public void cancel() {
        forget.run();
        ended.cancel(false);
    }
}
