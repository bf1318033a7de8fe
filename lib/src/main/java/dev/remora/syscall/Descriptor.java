package dev.remora.syscall;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor that this process owns.
 *
 * <p>Whoever passes it to the kernel {@linkplain #borrow() borrows} it first and gives it back afterwards: closing
 * waits for nobody, but the number goes back to the kernel only after the last borrower is done. So no call can reach a
 * stranger who was given the same number in between.
 */
public final class Descriptor implements AutoCloseable {

    private static final int CLOSED = 1 << 31;

    private final Kernel kernel;
    private final int number;

    /** The borrowers, and the sign bit once closed. */
    private final AtomicInteger state = new AtomicInteger();

    public Descriptor(Kernel kernel, int number) {
        this.kernel = kernel;
        this.number = number;
    }

    /** Takes the result of a call that opens something; {@code call} and {@code operand} tell the failure. */
    static Descriptor of(Kernel kernel, long result, String call, String operand) {
        return new Descriptor(kernel, (int) ErrnoException.check(result, call, operand));
    }

    /** Returns the number to pass to the kernel, valid until {@link #giveBack()}. */
    public int borrow() {
        int before = state.getAndUpdate(s -> s < 0 ? s : s + 1);
        if (before < 0) {
            throw new IllegalStateException("already closed");
        }
        return number;
    }

    /** Ends one {@link #borrow()}. */
    public void giveBack() {
        if (state.decrementAndGet() == CLOSED) {
            release();
        }
    }

    public boolean closed() {
        return state.get() < 0;
    }

    @Override
    public void close() {
        if (state.getAndUpdate(s -> s | CLOSED) == 0) {
            release();
        }
    }

    /** After EINTR too, Linux has closed the descriptor, so the result says nothing we could act on. */
    private void release() {
        kernel.call(Syscall.CLOSE, number);
    }
}
