package dev.remora.process;

/** A process that cannot be made to execute a system call, or not as it is now. {@code dev.remora} explains it. */
public final class NotInjectedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What is in the way. */
    public enum Reason {
        /** Somebody traces it already. */
        TRACED,
        /** Seccomp decides which calls it may make. */
        CONFINED,
        /** A SIGTRAP waits to be delivered, which looks like one of the tracer's own. */
        TRAP_PENDING,
        /** It makes its calls through a dispatcher of its own ({@code PR_SET_SYSCALL_USER_DISPATCH}). */
        CALLS_DISPATCHED,
        /** It does not run 64-bit code. */
        NARROW,
        /** Its code has no instructions to make a call and to return with. */
        NO_CALL_SITE,
        /** The thread in question is the first one of a child of this JVM, which waits for it. */
        OWN_CHILD,
        /** It does not run: its cgroup is frozen, or it gets no CPU. */
        FROZEN,
        /** None of its threads came to stand still where a call can be made. */
        NO_THREAD,
        /** Not all of its threads came to stand still. */
        NOT_ALL_STOPPED
    }

    private final Reason reason;
    private final int tracerPid;

    NotInjectedException(Reason reason) {
        this(reason, 0);
    }

    NotInjectedException(Reason reason, int tracerPid) {
        super(reason.name());
        this.reason = reason;
        this.tracerPid = tracerPid;
    }

    public Reason reason() {
        return reason;
    }

    /** The process that traces it already; 0 if that is not what is in the way, or it is hidden from here. */
    public int tracerPid() {
        return tracerPid;
    }
}
