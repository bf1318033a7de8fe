package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.pidfd_info;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the kernel tells of a process through its pidfd: {@code PIDFD_GET_INFO}, Linux 6.13. Each fact may be missing:
 * the wait status before the process was reaped, and before Linux 6.15; the others afterwards.
 *
 * @param parentPid the number of its parent, in the caller's pid namespace
 * @param userId its real user, in the caller's user namespace
 * @param cgroupId its cgroup of version 2: the inode number of the directory
 * @param waitStatus how it ended, as {@code waitpid(2)} encodes it
 */
public record ProcessInfo(OptionalInt parentPid, OptionalInt userId, OptionalLong cgroupId, OptionalInt waitStatus) {

    private static final long PID = Linux.PIDFD_INFO_PID();
    private static final long CREDENTIALS = Linux.PIDFD_INFO_CREDS();
    private static final long CGROUP = Linux.PIDFD_INFO_CGROUPID();
    private static final long EXIT = Linux.PIDFD_INFO_EXIT();

    /**
     * Asks the kernel. Empty where it does not answer: ENOTTY or EINVAL before Linux 6.13, ESRCH for a process that was
     * reaped before Linux 6.15, EREMOTE or ESRCH for one in a foreign pid namespace.
     */
    public static Optional<ProcessInfo> of(Kernel kernel, Descriptor pidFd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = pidfd_info.allocate(arena);
            pidfd_info.mask(info, PID | CREDENTIALS | CGROUP | EXIT);
            long result = kernel.call(Syscall.IOCTL, pidFd.number(), Linux.PIDFD_GET_INFO(), info.address());
            return result < 0 ? Optional.empty() : Optional.of(of(info));
        }
    }

    private static ProcessInfo of(MemorySegment info) {
        long known = pidfd_info.mask(info);
        return new ProcessInfo(
                (known & PID) != 0 ? OptionalInt.of(pidfd_info.ppid(info)) : OptionalInt.empty(),
                (known & CREDENTIALS) != 0 ? OptionalInt.of(pidfd_info.ruid(info)) : OptionalInt.empty(),
                (known & CGROUP) != 0 ? OptionalLong.of(pidfd_info.cgroupid(info)) : OptionalLong.empty(),
                (known & EXIT) != 0 ? OptionalInt.of(pidfd_info.exit_code(info)) : OptionalInt.empty());
    }
}
