package dev.remora;

import java.util.OptionalLong;

/**
 * What became of the memory of a process that was ended.
 *
 * {@snippet file="Ending.java" region="outcomes"}
 *
 * <p>Memory that is not the process's alone stays where it is, whatever the outcome: pages of files and shared memory,
 * also of an anonymous shared mapping, until its last user ends. {@code process_mrelease} itself frees private memory
 * only, not huge pages of the pool, and locked memory since Linux 5.18; the process's own exit frees the rest.
 */
public sealed interface ReleaseOutcome {

    /** {@return the number the process had} */
    long pid();

    /** {@return the bytes before and after, and the times} */
    ReleaseFigures figures();

    /** {@return whether the memory is known to have been given back} */
    default boolean released() {
        return this instanceof Reaped || this instanceof ReleasedByExit;
    }

    /**
     * The kernel freed the memory in the caller's time, or found that somebody else had just done so. The process itself
     * may take longer to end; {@link RemoteMemory#onExit()} tells when it has.
     *
     * @param pid the number the process had
     * @param figures the bytes and times
     */
    record Reaped(long pid, ReleaseFigures figures) implements ReleaseOutcome {

        /** {@return one line} */
        @Override
        public String toString() {
            return line(this, "reaped");
        }
    }

    /**
     * The process freed its memory by itself and has ended.
     *
     * @param pid the number the process had
     * @param figures the bytes and times
     * @param cause why it was not reaped
     */
    record ReleasedByExit(long pid, ReleaseFigures figures, Cause cause) implements ReleaseOutcome {

        /** Why the process freed its memory by itself. */
        public enum Cause {
            /** It was faster: {@code process_mrelease} found it without memory (ESRCH). */
            FASTER,

            /** It ended at SIGTERM, within its grace. */
            TERMINATED,

            /** It had ended before it could be killed. */
            ALREADY_GONE,

            /** There is no {@code process_mrelease} here: Linux before 5.15, or a seccomp filter forbids it. */
            NO_RELEASE_HERE
        }

        /** {@return one line} */
        @Override
        public String toString() {
            return line(this, "released by its own exit (" + cause + ")");
        }
    }

    /**
     * The process ends or has ended, but its memory stays: another process that lives uses the same one, as after {@code
     * clone(2)} with {@code CLONE_VM} or {@code vfork(2)}. A process that lets go of it within 100 ms does not count.
     *
     * @param pid the number the process had
     * @param figures the bytes and times
     * @param sharerPid the number of a process that uses the memory, if one was found: that takes CAP_SYS_ADMIN, and the
     *     process must be visible from here
     */
    record StillShared(long pid, ReleaseFigures figures, OptionalLong sharerPid) implements ReleaseOutcome {

        /** {@return one line} */
        @Override
        public String toString() {
            String user = sharerPid.isPresent() ? "process " + sharerPid.getAsLong() : "another process";
            return line(this, "its memory stays: " + user + " uses it as well");
        }
    }

    /**
     * The process freed its memory by itself and has ended, but nobody can tell whether the memory is back: another process
     * might use it as well, and the caller could not see that. To see it takes the right that {@code ptrace(2)} has to read
     * the process, which is the same user and a dumpable process, or CAP_SYS_PTRACE; and two more open files.
     *
     * @param pid the number the process had
     * @param figures the bytes and times
     */
    record Unverified(long pid, ReleaseFigures figures) implements ReleaseOutcome {

        /** {@return one line} */
        @Override
        public String toString() {
            return line(this, "ended by itself, and it cannot be seen whether another process uses its memory");
        }
    }

    /**
     * The limit was over, or the waiting thread was interrupted, before the memory was back. Nothing is undone: a process
     * that was killed will end as soon as it can.
     *
     * @param pid the number the process had
     * @param figures the bytes and times; {@link ReleaseFigures#residentBytesAfter()} is what is still resident
     * @param obstacle what was in the way at the end
     */
    record TimedOut(long pid, ReleaseFigures figures, Obstacle obstacle) implements ReleaseOutcome {

        /** What was in the way. */
        public enum Obstacle {
            /** It has no memory of its own any more, but is still busy with freeing it, or waits for a CPU. */
            EXITING,

            /** The kernel could free only a part so far (EAGAIN): somebody holds a lock on the address space. */
            LOCKED,

            /** It is dumping core. */
            CORE_DUMP,

            /** What the kernel refused (EINVAL) is not known: it was not dying, or another process used its memory. */
            NOT_DYING,

            /** The calling thread was interrupted; its interrupt status is set. */
            INTERRUPTED
        }

        /** {@return one line} */
        @Override
        public String toString() {
            return line(this, "timed out (" + obstacle + ")");
        }
    }

    private static String line(ReleaseOutcome outcome, String what) {
        return "process " + outcome.pid() + ": " + what + "; " + outcome.figures();
    }
}
