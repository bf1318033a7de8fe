package dev.remora;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what nobody tells of, a minute at most, or for a machine that has time. */
final class Await {

    private Await() {}

    static void until(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > TimeUnit.MINUTES.toNanos(1)) {
                throw new AssertionError("it was not so within a minute");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Says whether one of ten attempts is in time, for what a busy machine may hold up. */
    static boolean inTimeOnce(BooleanSupplier attempt) {
        for (int i = 0; i < 10; i++) {
            if (attempt.getAsBoolean()) {
                return true;
            }
        }
        return false;
    }
}
