package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.process.NotPinnedException;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.ProcMapQuery;
import dev.remora.syscall.ProcessMbind;
import dev.remora.syscall.ProcessVm;
import dev.remora.syscall.Tracee;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Explains failures of the layers below to the user: what was wrong, and what to do. */
final class Failures {

    private static final String NICE = """
         The kernel asks for CAP_SYS_NICE in the initial user namespace, and for the right to read the process as ptrace \
        has it (same user and dumpable, or CAP_SYS_PTRACE). Run as root, or grant CAP_SYS_NICE: with systemd \
        AmbientCapabilities=CAP_SYS_NICE, with docker --cap-add SYS_NICE, for a shell capsh or setpriv; a rootless \
        container cannot get it\
        """;

    private static final String ATTACH = """
         Making a process execute a call takes the right that ptrace has to attach to it: the same user and a dumpable \
        process, or CAP_SYS_PTRACE, and no more than 1 in /proc/sys/kernel/yama/ptrace_scope, if that exists. A process that \
        is traced already cannot be traced by another; suspending seccomp takes CAP_SYS_ADMIN\
        """;

    private static final String COPY = """
         Copying memory of another process takes the right that ptrace has to attach to it: the same user and a dumpable \
        process, or CAP_SYS_PTRACE, and no more than 1 in /proc/sys/kernel/yama/ptrace_scope, if that exists\
        """;

    private static final String READ = """
         Reading another process takes the right that ptrace has to read it: the same user and a dumpable process, or \
        CAP_SYS_PTRACE, which in a container even root may lack. Run as that user, or with that capability\
        """;

    private static final String MARK = """
         Marking the use of memory takes the user to whom /proc/PID/clear_refs belongs, that of the process or root if it is \
        not dumpable, or CAP_DAC_OVERRIDE\
        """;

    private static final String KILL = """
         To end a process, the real or effective user of the caller has to be the real or saved one of the process, or it \
        takes CAP_KILL in its user namespace; a security module or a seccomp filter can refuse it too. Run as that user, or \
        with that capability\
        """;

    /** What is not reading a file, among the calls that place and move. */
    private static final Set<String> PLACING = Set.of(
            Tracee.CALL,
            Tracee.SUSPENDING_SECCOMP,
            "mbind",
            "mbind, injected",
            "process_mbind",
            "move_pages",
            "migrate_pages");

    private static final Set<String> OF_NUMA =
            Set.of("mbind", "get_mempolicy", "set_mempolicy_home_node", "move_pages", "migrate_pages");

    private Failures() {}

    /** Explains why a process could not be opened. */
    static RemoteMemoryException opening(long pid, ErrnoException failure) {
        int errno = failure.errno();
        if (failure.call().equals("mincore")) {
            return other(failure);
        }
        if (!failure.call().equals("pidfd_open")) {
            return hidden(pid, failure);
        }
        if (errno == Linux.ESRCH()) {
            return new NoSuchProcessException(
                    NoSuchProcessException.Reason.NOT_FOUND,
                    failure.getMessage() + ". It has ended, or runs in a pid namespace that cannot be seen from here",
                    failure);
        }
        if (errno == Linux.EINVAL() || errno == Linux.ENOENT()) {
            return new NoSuchProcessException(
                    NoSuchProcessException.Reason.THREAD,
                    failure.getMessage() + ". " + pid + " is a thread, not a process: open the process it belongs to"
                            + " (Tgid in /proc/" + pid + "/status)",
                    failure);
        }
        if (errno == Linux.ENOSYS()) {
            return unsupported("5.3", failure);
        }
        return other(failure);
    }

    /** Explains what the number belongs to instead of a process with memory. */
    static NoSuchProcessException opening(long pid, NotPinnedException failure) {
        return switch (failure.reason()) {
            case ENDED -> ended(pid, failure);
            case ZOMBIE ->
                new NoSuchProcessException(
                        NoSuchProcessException.Reason.ZOMBIE,
                        "Process " + pid + " (" + failure.command() + ") is a zombie: it has ended, its memory is free"
                                + " already, and it waits for its parent to collect the exit status",
                        failure);
            case KERNEL_THREAD ->
                new NoSuchProcessException(
                        NoSuchProcessException.Reason.KERNEL_THREAD,
                        "Process " + pid + " (" + failure.command()
                                + ") is a thread of the kernel: it has no memory of its own",
                        failure);
        };
    }

    static NoSuchProcessException ended(long pid, @Nullable Throwable cause) {
        return new NoSuchProcessException(
                NoSuchProcessException.Reason.ENDED,
                "Process " + pid
                        + " has no memory that could be read: it has ended or is ending, runs another program since,"
                        + " or its main thread has ended",
                cause);
    }

    static NoSuchProcessException anotherProcess(long pid) {
        return new NoSuchProcessException(
                NoSuchProcessException.Reason.ENDED,
                "The process of this handle has ended; its number, " + pid + ", may belong to another one now",
                null);
    }

    /** Explains why a file of a process that is being opened, which everybody may read, could not be read. */
    private static RemoteMemoryException hidden(long pid, ErrnoException failure) {
        if (failure.meansDenied() || failure.errno() == Linux.ENOENT()) {
            return hiddenByProc(pid, failure);
        }
        return failure.meansNoProcess() ? ended(pid, failure) : other(failure);
    }

    private static PermissionDeniedException hiddenByProc(long pid, ErrnoException failure) {
        String situation = "Process " + pid + " lives, but /proc does not show it: /proc is not mounted here, or it is"
                + " mounted with hidepid and hides other users' processes";
        return new PermissionDeniedException(List.of(new Lack(MissingRight.VISIBLE_IN_PROC, situation)), failure);
    }

    /** Explains why a file in {@code /proc/PID} could not be read. */
    static RemoteMemoryException reading(RightsCheck rights, ErrnoException failure) {
        if (failure.meansDenied()) {
            return denied(failure, rights.toRead(), READ);
        }
        if (failure.errno() == Linux.ENOENT()) {
            return hiddenByProc(rights.pid(), failure);
        }
        return failure.meansNoProcess() ? ended(rights.pid(), failure) : other(failure);
    }

    /** Explains why the use of memory could not be marked. */
    static RemoteMemoryException marking(RightsCheck rights, ErrnoException failure) {
        return failure.meansDenied() ? denied(failure, rights.toMark(), MARK) : reading(rights, failure);
    }

    /** Explains why what a process maps could not be read. */
    static RemoteMemoryException looking(RightsCheck rights, ErrnoException failure) {
        return ProcDirectory.meansGone(failure) ? ended(rights.pid(), failure) : reading(rights, failure);
    }

    /** Explains why a build id could not be read, for which there is only one way. */
    static RemoteMemoryException buildId(RightsCheck rights, ErrnoException failure) {
        if (!failure.call().equals(ProcMapQuery.CALL)) {
            return looking(rights, failure);
        }
        if (failure.errno() == Linux.ENOTTY()) {
            return new UnsupportedKernelException(
                    failure.getMessage() + ". The kernel reads build ids since Linux 6.11, and this is "
                            + System.getProperty("os.version")
                            + ". Use a newer kernel, or readelf -n on the file that mappingAt(address) names",
                    failure);
        }
        return failure.meansNoProcess() ? ended(rights.pid(), failure) : other(failure);
    }

    /** Explains why numa_maps could not be read, which a kernel without NUMA does not have. */
    static RemoteMemoryException nodes(RightsCheck rights, ErrnoException failure, boolean gone) {
        return failure.errno() == Linux.ENOENT() && !gone
                ? new UnsupportedKernelException(
                        failure.getMessage()
                                + ". The kernel was built without NUMA (CONFIG_NUMA), so that all memory is on"
                                + " one node",
                        failure)
                : looking(rights, failure);
    }

    /** Explains why a file that shows pages is not there, although the process lives. */
    static UnsupportedKernelException withoutPageMonitor(ErrnoException failure) {
        return new UnsupportedKernelException(
                failure.getMessage() + ". The kernel was built without CONFIG_PROC_PAGE_MONITOR: use one that has it",
                failure);
    }

    /** Names what was found to be missing, or all that it takes where nothing could be found. */
    private static PermissionDeniedException denied(ErrnoException failure, List<Lack> lacks, String takes) {
        return lacks.isEmpty()
                ? new PermissionDeniedException(failure.getMessage() + "." + takes, failure)
                : new PermissionDeniedException(lacks, failure);
    }

    /** Explains why a verb could not do anything at all. */
    static RemoteMemoryException advising(RightsCheck rights, ErrnoException failure) {
        if (!failure.call().equals("process_madvise")) {
            return reading(rights, failure);
        }
        if (failure.meansDenied()) {
            return denied(failure, rights.toAdvise(Optional.of(HarmlessCall.PROCESS_MADVISE)), NICE);
        }
        return failure.errno() == Linux.ENOSYS() ? unsupported("5.10", failure) : other(failure);
    }

    /** Explains why memory could not be copied at all. */
    static RemoteMemoryException copying(RightsCheck rights, ErrnoException failure) {
        if (failure.meansDenied()) {
            boolean reading = failure.call().equals(ProcessVm.READING);
            HarmlessCall call = reading ? HarmlessCall.PROCESS_VM_READV : HarmlessCall.PROCESS_VM_WRITEV;
            return denied(failure, rights.toCopy(call), COPY);
        }
        if (failure.errno() == Linux.ENOSYS()) {
            return unsupported("3.2 with CONFIG_CROSS_MEMORY_ATTACH", failure);
        }
        return failure.meansNoProcess() ? ended(rights.pid(), failure) : other(failure);
    }

    /** Explains why a signal could not be sent. */
    static RemoteMemoryException signalling(RightsCheck rights, ErrnoException failure) {
        return failure.meansDenied() ? denied(failure, rights.toSignal(), KILL) : other(failure);
    }

    /** Explains why a cgroup could not be read or ended. */
    static RuntimeException cgroup(ErrnoException failure) {
        int errno = failure.errno();
        if (errno == Linux.ENOENT() || errno == Linux.ENOTDIR() || errno == Linux.ENODEV()) {
            return new IllegalArgumentException(
                    failure.getMessage()
                            + ". A cgroup is named by its directory, in which there is a file cgroup.procs",
                    failure);
        }
        if (errno == Linux.EACCES() || errno == Linux.EPERM()) {
            return new PermissionDeniedException(
                    failure.getMessage() + ". Run as a user who may read the cgroup's directory and write its files",
                    failure);
        }
        if (errno == Linux.EOPNOTSUPP()) {
            return new IllegalArgumentException(
                    failure.getMessage() + ". This cgroup is threaded, so it has threads and no processes of its own:"
                            + " name the threaded domain above it",
                    failure);
        }
        return other(failure);
    }

    static UnsupportedKernelException unknownAdvice(Advice advice) {
        return new UnsupportedKernelException(
                advice + " for another process needs Linux " + advice.firstKernel() + ", and this is "
                        + System.getProperty("os.version")
                        + ", which answers EINVAL. Use a newer kernel, or another advice",
                null);
    }

    static UnsupportedKernelException unknownPolicy(MemoryPolicy policy, ErrnoException failure) {
        if (failure.errno() == Linux.ENOSYS() && failure.call().equals("mbind")) {
            return withoutNuma(failure);
        }
        return new UnsupportedKernelException(
                failure.getMessage() + ". The policy needs Linux " + policy.firstKernel() + ", and this is "
                        + System.getProperty("os.version") + ". Use a newer kernel, or another mode",
                failure);
    }

    private static UnsupportedKernelException withoutNuma(ErrnoException failure) {
        return new UnsupportedKernelException(
                failure.getMessage()
                        + ". The kernel was built without NUMA (CONFIG_NUMA), or a seccomp filter hides the call",
                failure);
    }

    static UnsupportedKernelException noRemotePolicy() {
        return new UnsupportedKernelException(
                "Linux has no system call that sets the memory policy of another process (mbind acts on its caller,"
                    + " and process_mbind was never merged). Choose: place(policy, Mechanism.INJECTED) stops a thread"
                    + " of the process for a moment, and has it call mbind itself; moveTo(nodes) moves the pages that"
                    + " are there now, and sets no policy; OwnMemory places memory from within the process. For a"
                    + " kernel that was built with process_mbind, name its number with"
                    + " -D" + ProcessMbind.NUMBER + "=NNN",
                null);
    }

    /** Explains why memory of this process could not be placed, shared pages too or not, or its policy not be found out. */
    static RemoteMemoryException placingOwn(Kernel kernel, boolean sharedToo, ErrnoException failure) {
        return failure.meansDenied() && failure.call().equals("mbind")
                ? denied(
                        failure,
                        RightsCheck.toPlaceOwn(kernel, sharedToo),
                        " Moving pages that other processes map takes CAP_SYS_NICE")
                : other(failure);
    }

    /** Explains why memory could not be placed or moved at all. */
    static RemoteMemoryException placing(RightsCheck rights, ErrnoException failure) {
        if (!failure.meansDenied()) {
            return PLACING.contains(failure.call()) ? other(failure) : reading(rights, failure);
        }
        return switch (failure.call()) {
            case Tracee.CALL -> denied(failure, rights.toAttach(false), ATTACH);
            case Tracee.SUSPENDING_SECCOMP -> denied(failure, rights.toAttach(true), ATTACH);
            case "mbind, injected" ->
                new PermissionDeniedException(
                        failure.getMessage() + ". Moving pages that other processes map takes CAP_SYS_NICE in the"
                                + " process that makes the call, and process " + rights.pid()
                                + " does not have it: move"
                                + " only its own pages, or use moveIncludingSharedTo(nodes)",
                        failure);
            case "mbind" -> placingOwn(rights.kernel(), false, failure);
            case "process_mbind" -> denied(failure, rights.toAdvise(Optional.empty()), NICE);
            case "move_pages" -> denied(failure, rights.toMove(HarmlessCall.MOVE_PAGES), NICE);
            case "migrate_pages" -> denied(failure, rights.toMove(HarmlessCall.MIGRATE_PAGES), NICE);
            default -> reading(rights, failure);
        };
    }

    /** Explains why a process could not be made to stand still. */
    static RemoteMemoryException freezing(RightsCheck rights, ErrnoException failure) {
        if (failure.meansReadOnly()) {
            return new PermissionDeniedException(
                    failure.getMessage()
                            + ". The cgroups are mounted read-only here, as in most containers: mount them writable,"
                            + " freeze from outside, or use another method",
                    failure);
        }
        if (!failure.meansDenied()) {
            return other(failure);
        }
        return switch (failure.call()) {
            case Tracee.CALL -> denied(failure, rights.toAttach(false), ATTACH);
            case "pidfd_send_signal" -> denied(failure, rights.toSignal(), KILL);
            case "openat", "write" ->
                new PermissionDeniedException(
                        failure.getMessage()
                                + ". To freeze a cgroup takes the right to write that file: run as root, or"
                                + " as the user whom the cgroup was delegated to (systemd: Delegate=yes), or use"
                                + " another method",
                        failure);
            default -> other(failure);
        };
    }

    private static UnsupportedKernelException unsupported(String firstKernel, ErrnoException failure) {
        return new UnsupportedKernelException(
                failure.getMessage() + ". It needs Linux " + firstKernel + ", and this is "
                        + System.getProperty("os.version") + "; on a newer kernel, a seccomp filter (an old container"
                        + " runtime's) hides it: allow it in the profile",
                failure);
    }

    static RemoteMemoryException other(ErrnoException failure) {
        int errno = failure.errno();
        if (errno == Linux.ENOSYS() && OF_NUMA.contains(failure.call())) {
            return withoutNuma(failure);
        }
        if (failure.meansDenied() || errno == Linux.ENOSYS()) {
            var lack = new Lack(MissingRight.SECCOMP_FILTER, "A seccomp filter or a security module forbids the call");
            return new PermissionDeniedException(List.of(lack), failure);
        }
        String next = errno == Linux.EMFILE() || errno == Linux.ENFILE()
                ? ". Close handles that are no longer needed, or raise the limit on open files (ulimit -n,"
                        + " LimitNOFILE=)"
                : ". This is not expected: please report it with the kernel's version";
        return new SyscallFailedException(failure.getMessage() + next, errno, failure);
    }
}
