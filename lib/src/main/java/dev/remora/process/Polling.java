package dev.remora.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for what the kernel tells nobody of. */
final class Polling {

    private static final long SPIN = TimeUnit.MICROSECONDS.toNanos(300);
    private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(50);

    private static final long BRIEFLY = TimeUnit.SECONDS.toNanos(1);

    private Polling() {}

    /**
     * Asks until it is so, for as long as whoever is just about to do it may wait for a CPU, but not longer than until the
     * deadline. What cannot be asked is not so.
     */
    static boolean briefly(long deadline, BooleanSupplier condition) {
        long now = System.nanoTime();
        return until(now + Math.min(BRIEFLY, deadline - now), () -> {
            try {
                return condition.getAsBoolean();
            } catch (RuntimeException | Error unknown) {
                return false;
            }
        });
    }

    /** Asks until it is so, or until the deadline. Returns whether it is so. */
    static boolean until(long deadline, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - deadline >= 0) {
                return false;
            }
            if (now - start < SPIN) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE);
            }
        }
        return true;
    }
}
