package dev.remora;

import org.jspecify.annotations.Nullable;

/** There is no process with this number whose memory could be looked after. {@link #reason()} says what there is. */
public final class NoSuchProcessException extends RemoteMemoryException {

    private static final long serialVersionUID = 1L;

    /** What the number belongs to instead. */
    public enum Reason {
        /** To nothing that this process can see. */
        NOT_FOUND,

        /** To a thread of a process, not to a process; open the process. */
        THREAD,

        /**
         * To a process that has ended and whose parent has not collected its exit status; it has no memory any more.
         */
        ZOMBIE,

        /** To a process that ended while it was being opened, or to another one than the caller meant. */
        ENDED,

        /** To a thread of the kernel, which has no memory of its own. */
        KERNEL_THREAD
    }

    private final Reason reason;

    NoSuchProcessException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** {@return what the number belongs to instead} */
    public Reason reason() {
        return reason;
    }
}
