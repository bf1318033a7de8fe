package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file descriptor that this process owns. Only this package sees its number. */
public final class Descriptor implements AutoCloseable {

    private final Kernel kernel;
    private final int number;
    private final AtomicBoolean closed = new AtomicBoolean();

    Descriptor(Kernel kernel, int number) {
        this.kernel = kernel;
        this.number = number;
    }

    /** Takes the result of a call that opens something; {@code call} and {@code operand} tell the failure. */
    static Descriptor of(Kernel kernel, long result, String call, String operand) {
        return new Descriptor(kernel, (int) ErrnoException.check(result, call, operand));
    }

    int number() {
        if (closed.get()) {
            throw new IllegalStateException("the descriptor was closed");
        }
        return number;
    }

    /** Opens the same file once more, or throws {@link ErrnoException}. */
    public Descriptor duplicate() {
        long copy = kernel.call(Syscall.FCNTL, number(), Linux.F_DUPFD_CLOEXEC(), 0);
        return of(kernel, copy, "fcntl", "F_DUPFD_CLOEXEC");
    }

    /** Gives the number back, once. After EINTR too, Linux has closed it, so the result says nothing to act on. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            kernel.call(Syscall.CLOSE, number);
        }
    }
}
