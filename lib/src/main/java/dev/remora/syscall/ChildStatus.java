package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.siginfo_t;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/** How a child of this process ended: {@code waitid(2)} with {@code P_PIDFD}, Linux 5.4. */
public final class ChildStatus {

    private static final int CORE_DUMPED = 0x80;

    private ChildStatus() {}

    /**
     * Returns the wait status as {@code waitpid(2)} encodes it, and leaves it there for whoever collects it. Empty for a
     * process that is no child of this one (ECHILD), has not ended, or whose status was collected.
     */
    public static OptionalInt peek(Kernel kernel, Descriptor pidFd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = siginfo_t.allocate(arena);
            int options = Linux.WEXITED() | Linux.WNOHANG() | Linux.WNOWAIT();
            long result = kernel.call(Syscall.WAITID, Linux.P_PIDFD(), pidFd.number(), info.address(), options, 0);
            return result < 0 ? OptionalInt.empty() : waitStatus(info);
        }
    }

    /** An answer without a signal number says that there was nothing to tell. */
    private static OptionalInt waitStatus(MemorySegment info) {
        if (siginfo_t.si_signo(info) == 0) {
            return OptionalInt.empty();
        }
        int status = siginfo_t._sifields._sigchld.si_status(siginfo_t._sifields._sigchld(siginfo_t._sifields(info)));
        int code = siginfo_t.si_code(info);
        if (code == Linux.CLD_EXITED()) {
            return OptionalInt.of(status << Byte.SIZE);
        }
        return OptionalInt.of(code == Linux.CLD_DUMPED() ? status | CORE_DUMPED : status);
    }
}
