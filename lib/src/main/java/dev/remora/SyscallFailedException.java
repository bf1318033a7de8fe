package dev.remora;

import org.jspecify.annotations.Nullable;

/** A system call failed for a reason outside the library, such as too many open files. */
public final class SyscallFailedException extends RemoteMemoryException {

    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * Creates an exception.
     *
     * @param message the call, its operands, what went wrong and what to do
     * @param errno what the kernel answered, as in {@code errno(3)}
     * @param cause what this exception explains, or null
     */
    public SyscallFailedException(String message, int errno, @Nullable Throwable cause) {
        super(message, cause);
        this.errno = errno;
    }

    /** {@return what the kernel answered, as in {@code errno(3)}} */
    public int errno() {
        return errno;
    }
}
