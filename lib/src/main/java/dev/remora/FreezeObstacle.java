package dev.remora;

/** Why a process was not made to stand still. It runs as before, and the action was not begun. */
public enum FreezeObstacle {
    /** Somebody traces it already, a debugger or {@code strace}; a process has one tracer at most. */
    TRACED("somebody traces it already"),

    /** It is a child of this JVM, which would take a stop by {@code ptrace(2)} for its end. Use another method. */
    OWN_CHILD("it is a child of this JVM, which would take the stop for its end; use FreezeMethod.SIGSTOP"),

    /**
     * Not all of its threads came to stand still within the limit: some wait undisturbed, or are frozen already by another
     * method. A later attempt or another method may succeed.
     */
    NOT_IN_TIME("not all of its threads came to stand still within the limit"),

    /** It is in a root cgroup, which cannot be frozen. */
    ROOT_CGROUP("it is in the root cgroup, which cannot be frozen; give it a cgroup of its own, or use another method"),

    /** Other processes are in its cgroup or below it, and would be frozen too. */
    SHARED_CGROUP("other processes are in its cgroup; give it a cgroup of its own, or use another method"),

    /** Its threads are in several cgroups. */
    THREADED_CGROUP("its threads are in several cgroups; use another method"),

    /** There is no such freezer here, or its cgroup cannot be seen from here, or was removed meanwhile: it is in another. */
    NO_CGROUP(
            "there is no freezer of that version here, or its cgroup cannot be seen from here or was just removed; use"
                    + " another method"),

    /** This JVM holds it frozen already: one at a time. */
    HELD_ALREADY("this JVM holds it frozen already"),

    /** The program that would let it run after the death of this JVM could not be started; see the guide. */
    NO_WATCHER("the watcher that would let it run after the death of this JVM could not be started; use PTRACE");

    private final String explanation;

    FreezeObstacle(String explanation) {
        this.explanation = explanation;
    }

    /** {@return the obstacle in a few words for people, and what can be done} */
    public String explanation() {
        return explanation;
    }
}
