package dev.remora;

import dev.remora.Verdict.Tally;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One run of a verb, as all threads that work on it see it: whether it goes on, and how far it has come. */
class RunControl {

    /** Why a run does not go on, although not everything was asked for. */
    enum End {
        PROCESS_GONE,
        FORBIDDEN,
        CANCELLED,
        INTERRUPTED
    }

    private final AtomicReference<@Nullable End> end = new AtomicReference<>();
    private volatile boolean permitted;

    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();

    /** Notes that the kernel was asked, and whether that was for the same once more. */
    void called(boolean again) {
        calls.incrementAndGet();
        if (again) {
            retries.incrementAndGet();
        }
    }

    final long calls() {
        return calls.get();
    }

    final long retries() {
        return retries.get();
    }

    /** The most bytes to ask for at a time. */
    long batchBytes() {
        return Long.MAX_VALUE;
    }

    /** Called directly before and after each call, by the thread that makes it. */
    void callBegins() {}

    void callEnds() {}

    /** Called before each call, which may have to wait. */
    boolean goesOn() {
        return end() == null;
    }

    /**
     * Called for all bytes once.
     *
     * @param asked whether the kernel was asked for them
     */
    void book(long bytes, Tally tally, boolean asked) {}

    /** Called after each call, when what it did was booked. */
    void reached() {}

    /** The first reason to end is the one that counts. */
    final void end(End reason) {
        end.compareAndSet(null, reason);
    }

    final @Nullable End end() {
        return end.get();
    }

    /** Whether the kernel was seen to permit the verb, so that a refusal later on is a right lost. */
    final boolean permitted() {
        return permitted;
    }

    final void permit() {
        permitted = true;
    }
}
