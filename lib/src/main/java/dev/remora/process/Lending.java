package dev.remora.process;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets several threads use something that one of them may close meanwhile: closing waits for nobody, and what was lent
 * is released when the last borrower gives it back. So no call can reach a stranger who was given the same descriptor.
 */
final class Lending {

    private static final int CLOSED = 1 << 31;

    private final Runnable release;

    /** The borrowers, and the sign bit once closed. */
    private final AtomicInteger state = new AtomicInteger();

    Lending(Runnable release) {
        this.release = release;
    }

    /** Must be followed by {@link #giveBack()}. False once closed. */
    boolean borrow() {
        return state.getAndUpdate(s -> s < 0 ? s : s + 1) >= 0;
    }

    void giveBack() {
        if (state.decrementAndGet() == CLOSED) {
            release.run();
        }
    }

    void close() {
        if (state.getAndUpdate(s -> s | CLOSED) == 0) {
            release.run();
        }
    }
}
