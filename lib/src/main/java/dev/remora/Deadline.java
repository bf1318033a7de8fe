package dev.remora;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A point in time by which something has to be done. */
final class Deadline {

    /** Longer than anybody waits, and short enough to be added to a point in time. */
    private static final long FOR_EVER = Long.MAX_VALUE / 2;

    private final long at;

    private Deadline(long at) {
        this.at = at;
    }

    static Deadline in(Duration limit) {
        return new Deadline(System.nanoTime() + Math.min(TimeUnit.NANOSECONDS.convert(limit), FOR_EVER));
    }

    /** Zero once it has passed. */
    Duration remaining() {
        return Duration.ofNanos(Math.max(0, at - System.nanoTime()));
    }

    /** The shorter one of this and what remains. */
    Duration atMost(Duration time) {
        Duration remaining = remaining();
        return time.compareTo(remaining) < 0 ? time : remaining;
    }

    boolean passed() {
        return remaining().isZero();
    }
}
