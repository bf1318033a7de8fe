package dev.remora;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something read of a living process, which changes. It is read again once it is ten times as old as reading it takes:
 * so it is never much out of date, and however often it is asked for, reading takes a tenth of the time at most.
 */
final class Snapshot<T> {

    private static final long READINGS = 10;
    private static final long LEAST_AGE = TimeUnit.MILLISECONDS.toNanos(5);

    private final Supplier<T> source;
    private @Nullable T value;
    private long readAt;
    private long cost;

    Snapshot(Supplier<T> source) {
        this.source = source;
    }

    T current() {
        long now = System.nanoTime();
        T known = value;
        if (known == null || now - readAt > Math.max(LEAST_AGE, READINGS * cost)) {
            known = source.get();
            value = known;
            readAt = System.nanoTime();
            cost = readAt - now;
        }
        return known;
    }
}
