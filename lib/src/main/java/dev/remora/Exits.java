package dev.remora;

import dev.remora.process.ExitWatch;
import dev.remora.process.PidFd;
import dev.remora.syscall.ErrnoException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Learns how processes ended. Between the end of a process and the moment its parent has collected the status, the
 * kernel tells it to nobody else; so those who are not told at once ask again a few times.
 */
final class Exits {

    private static final int ATTEMPTS = 6;

    /** For all attempts. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(1);

    /** So that whatever waits for one exit never holds up another. */
    private static final Executor ONE_EACH =
            task -> Thread.ofVirtual().name("remora-exit").start(task);

    private Exits() {}

    /** The future of a process whose descriptor the caller keeps open during this call. */
    static CompletableFuture<ExitStatus> of(PidFd pidFd) {
        PidFd own = pidFd.duplicate();
        ExitWatch watch;
        try {
            watch = own.watch();
        } catch (RuntimeException | Error failure) {
            own.close();
            throw failure;
        }
        CompletableFuture<ExitStatus> status =
                watch.ended().thenApplyAsync(_ -> statusOf(own), ONE_EACH).whenComplete((_, _) -> own.close());
        CompletableFuture<ExitStatus> result = status.exceptionallyComposeAsync(
                failure -> CompletableFuture.failedFuture(explained(failure)), ONE_EACH);
        var _ = result.whenComplete((_, _) -> watch.cancel());
        return result;
    }

    private static Throwable explained(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ErrnoException ofTheKernel ? Failures.other(ofTheKernel) : cause;
    }

    private static ExitStatus statusOf(PidFd pidFd) {
        try {
            return statusOf(pidFd, Deadline.in(LONG_ENOUGH));
        } catch (InterruptedException impossible) {
            throw new AssertionError("nobody has this thread", impossible);
        }
    }

    /** How a process ended that has ended; asked once more only as long as there is time. */
    static ExitStatus statusOf(PidFd pidFd, Deadline deadline) throws InterruptedException {
        OptionalInt waitStatus = pidFd.waitStatus();
        for (int attempt = 1; waitStatus.isEmpty() && attempt < ATTEMPTS && !deadline.passed(); attempt++) {
            Thread.sleep(deadline.atMost(pause(attempt)));
            waitStatus = pidFd.waitStatus();
        }
        return waitStatus.isEmpty() ? new ExitStatus.Unknown() : decode(waitStatus.getAsInt());
    }

    /** 1, 2, 4, 8 and 16 milliseconds. */
    private static Duration pause(int attempt) {
        return Duration.ofMillis(1L << (attempt - 1));
    }

    private static ExitStatus decode(int waitStatus) {
        int signal = waitStatus & 0x7f;
        return signal == 0
                ? new ExitStatus.Exited((waitStatus >> Byte.SIZE) & 0xff)
                : new ExitStatus.Signaled(signal, (waitStatus & 0x80) != 0);
    }
}
