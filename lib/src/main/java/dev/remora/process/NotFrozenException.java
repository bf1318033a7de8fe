package dev.remora.process;

/** A process that cannot be made to stand still, or not as it is now. {@code dev.remora} explains it. */
public final class NotFrozenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What is in the way. */
    public enum Reason {
        /** Somebody traces it already. */
        TRACED,
        /** It is a child of this JVM, which would take the stop for its end. */
        OWN_CHILD,
        /** Not all of its threads came to stand still in time. */
        NOT_IN_TIME,
        /** It is in a root cgroup, which cannot be frozen. */
        ROOT_CGROUP,
        /** Other processes are in its cgroup, or below it. */
        SHARED_CGROUP,
        /** Its threads are in several cgroups. */
        THREADED_CGROUP,
        /** There is no such hierarchy here, or its cgroup cannot be seen from here, or is just being removed. */
        NO_CGROUP,
        /** This JVM holds it frozen already. */
        HELD_ALREADY,
        /** The program that would undo it after the death of this JVM could not be started. */
        NO_WATCHER
    }

    private final Reason reason;
    private final int pid;

    NotFrozenException(Reason reason) {
        this(reason, 0);
    }

    NotFrozenException(Reason reason, int pid) {
        super(reason.name());
        this.reason = reason;
        this.pid = pid;
    }

    public Reason reason() {
        return reason;
    }

    /** The process that traces it, or is in its cgroup as well; 0 if that is not in the way, or it is hidden from here. */
    public int pid() {
        return pid;
    }
}
