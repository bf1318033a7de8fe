package dev.remora;

/** Why a process was not made to execute system calls. It has not been changed then. */
public enum InjectionObstacle {
    /** Somebody traces it already, a debugger or {@code strace}; a process has one tracer at most. */
    TRACED("somebody traces it already"),

    /**
     * Seccomp decides which calls it may make, and might end it for this one. {@link
     * Mechanism.Injected#suspendingSeccomp()} suspends that meanwhile, with CAP_SYS_ADMIN.
     */
    CONFINED("seccomp confines it; suspendingSeccomp() needs CAP_SYS_ADMIN"),

    /** A SIGTRAP waits to be delivered to it: it may have breakpoints of its own. */
    TRAP_PENDING("a SIGTRAP is pending for it"),

    /** It handles its system calls itself ({@code PR_SET_SYSCALL_USER_DISPATCH}), as Wine does. */
    CALLS_DISPATCHED("it dispatches its system calls itself"),

    /** It runs 32-bit code. */
    NARROW("it runs 32-bit code"),

    /** Its code has no instructions to make a call and to return from it: it uses no C library. */
    NO_CALL_SITE("its code has no instructions to make a call with"),

    /**
     * It is a child of this JVM with a single thread, for whose end Java waits, and would take the stop for it. Start it
     * from another process, such as a shell that waits for it.
     */
    OWN_CHILD("it is a child of this JVM, which would take the stop for its end"),

    /**
     * It does not run on to make a call: its cgroup is frozen, or it gets no CPU. Thaw it, or try again later.
     * If that begins in the very moment of a call, this one call may be made when the process runs again.
     */
    FROZEN("it does not run: its cgroup is frozen, or it gets no CPU"),

    /**
     * None of its threads came to stand still where a call can be made: they wait undisturbed, or are in restartable
     * sequences, or their stacks have no room left, or no guard below them, as those of Go. A later attempt may succeed.
     */
    NO_THREAD("none of its threads can make a call where it stands"),

    /** All threads were to stand still, and not all did. A later attempt may succeed. */
    NOT_ALL_STOPPED("not all of its threads came to stand still");

    private final String explanation;

    InjectionObstacle(String explanation) {
        this.explanation = explanation;
    }

    /** {@return the obstacle in a few words for people} */
    public String explanation() {
        return explanation;
    }
}
