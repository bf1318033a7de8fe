package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.rlimit64;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a process can give up for itself: {@code prctl(2)} and {@code prlimit(2)}. All throw {@link ErrnoException}. */
public final class OwnProcess {

    /** A resource that can be limited; sizes in bytes. */
    public enum Resource {
        ADDRESS_SPACE(Linux.RLIMIT_AS()),
        CORE_FILE(Linux.RLIMIT_CORE()),
        FILE_SIZE(Linux.RLIMIT_FSIZE()),
        OPEN_FILES(Linux.RLIMIT_NOFILE());

        private final int number;

        Resource(int number) {
            this.number = number;
        }
    }

    private static final int STANDARD_OUTPUT = 1;
    private static final int STANDARD_ERROR = 2;

    private final Kernel kernel;

    public OwnProcess(Kernel kernel) {
        this.kernel = kernel;
    }

    public int pid() {
        return (int) kernel.call(Syscall.GETPID);
    }

    /** The number of the calling thread. */
    public int thread() {
        return (int) kernel.call(Syscall.GETTID);
    }

    public int parentPid() {
        return (int) kernel.call(Syscall.GETPPID);
    }

    /** Has the kernel kill this process when the thread that started it ends. */
    public void dieWithParent() {
        prctl(Linux.PR_SET_PDEATHSIG(), Linux.SIGKILL(), "PR_SET_PDEATHSIG");
    }

    /**
     * Begins a process group of its own, so that signals to the group of its parent do not reach it. A session of its own would
     * do that too, but where the scheduler shares the CPUs among sessions ({@code sched(7)}), a busy one can leave it none.
     */
    public void startGroup() {
        ErrnoException.check(kernel.call(Syscall.SETPGID, 0, 0), "setpgid", "this process");
    }

    /** Sends to standard error what anybody in this process writes to standard output. */
    public void redirectOutputToError() {
        ErrnoException.check(kernel.call(Syscall.DUP3, STANDARD_ERROR, STANDARD_OUTPUT, 0), "dup3", "standard error");
    }

    /** Gives up, for good, gaining rights by running a program. */
    public void renouncePrivileges() {
        prctl(Linux.PR_SET_NO_NEW_PRIVS(), 1, "PR_SET_NO_NEW_PRIVS");
    }

    private void prctl(int option, long value, String name) {
        ErrnoException.check(kernel.call(Syscall.PRCTL, option, value), "prctl", name);
    }

    /** Lowers the limit on a resource, for good. */
    public void limit(Resource resource, long most) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment old = rlimit64.allocate(arena);
            prlimit(resource, 0, old.address());
            MemorySegment lowered = rlimit64.allocate(arena);
            long limit = lower(most, rlimit64.rlim_max(old));
            rlimit64.rlim_cur(lowered, limit);
            rlimit64.rlim_max(lowered, limit);
            prlimit(resource, lowered.address(), 0);
        }
    }

    /** Infinity is the largest unsigned number. */
    private static long lower(long most, long before) {
        return Long.compareUnsigned(most, before) < 0 ? most : before;
    }

    private void prlimit(Resource resource, long change, long old) {
        ErrnoException.check(
                kernel.call(Syscall.PRLIMIT64, 0, resource.number, change, old), "prlimit64", resource.name());
    }
}
