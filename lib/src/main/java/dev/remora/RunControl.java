package dev.remora;

import dev.remora.Verdict.Tally;
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

    private volatile @Nullable End end;
    private volatile boolean permitted;

    /** The most bytes to ask for at a time. */
    long batchBytes() {
        return Long.MAX_VALUE;
    }

    /** Called before each call, which may have to wait. */
    boolean goesOn() {
        return end == null;
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
    final synchronized void end(End reason) {
        if (end == null) {
            end = reason;
        }
    }

    final @Nullable End end() {
        return end;
    }

    /** Whether the kernel was seen to permit the verb, so that a refusal later on is a right lost. */
    final boolean permitted() {
        return permitted;
    }

    final void permit() {
        permitted = true;
    }
}
