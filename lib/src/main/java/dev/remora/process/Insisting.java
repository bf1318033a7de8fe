package dev.remora.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Doing what must not be left undone. */
final class Insisting {

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private Insisting() {}

    /** Tries until it is done, whatever it throws: what there is too little of now, memory or open files, there is later. */
    static void until(BooleanSupplier done) {
        while (!tried(done)) {
            LockSupport.parkNanos(PAUSE);
        }
    }

    private static boolean tried(BooleanSupplier done) {
        try {
            return done.getAsBoolean();
        } catch (RuntimeException | Error failure) {
            return false;
        }
    }
}
