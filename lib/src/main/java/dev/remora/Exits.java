package dev.remora;

import dev.remora.process.ExitWatch;
import dev.remora.process.PidFd;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Learns how processes ended. Between the end of a process and the moment its parent has collected the status, the
 * kernel tells it to nobody else; so those who are not told at once ask again a few times.
 */
final class Exits {

    private static final int ATTEMPTS = 6;

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
        CompletableFuture<ExitStatus> result = status.copy();
        var _ = result.whenComplete((_, _) -> watch.cancel());
        return result;
    }

    /** How a process ended that has ended. */
    static ExitStatus statusOf(PidFd pidFd) {
        OptionalInt waitStatus = pidFd.waitStatus();
        for (int attempt = 1; waitStatus.isEmpty() && attempt < ATTEMPTS; attempt++) {
            LockSupport.parkNanos(pause(attempt));
            waitStatus = pidFd.waitStatus();
        }
        return waitStatus.isEmpty() ? new ExitStatus.Unknown() : decode(waitStatus.getAsInt());
    }

    /** 1, 2, 4, 8 and 16 milliseconds. */
    private static long pause(int attempt) {
        return TimeUnit.MILLISECONDS.toNanos(1L << (attempt - 1));
    }

    private static ExitStatus decode(int waitStatus) {
        int signal = waitStatus & 0x7f;
        return signal == 0
                ? new ExitStatus.Exited((waitStatus >> Byte.SIZE) & 0xff)
                : new ExitStatus.Signaled(signal, (waitStatus & 0x80) != 0);
    }
}
