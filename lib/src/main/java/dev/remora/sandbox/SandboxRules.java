package dev.remora.sandbox;

import dev.remora.syscall.Architecture;
import dev.remora.syscall.SeccompFilter;
import dev.remora.syscall.Syscall;

/**
 * What the child may still ask of the kernel: what a running JVM needs, and what the commands need. It cannot run
 * programs, start processes, open sockets, signal or trace other processes, or change a file. Which files it opens for
 * reading a filter cannot see.
 */
final class SandboxRules {

    private static final int SELF = 0;

    private SandboxRules() {}

    static SeccompFilter of(Architecture architecture, int ownPid) {
        return new SeccompFilter(architecture)
                .allow(
                        Syscall.READ,
                        Syscall.WRITE,
                        Syscall.CLOSE,
                        Syscall.FSTAT,
                        Syscall.NEWFSTATAT,
                        Syscall.STATX,
                        Syscall.STAT,
                        Syscall.LSTAT,
                        Syscall.LSEEK,
                        Syscall.PREAD64,
                        Syscall.FTRUNCATE,
                        Syscall.READLINK,
                        Syscall.READLINKAT,
                        Syscall.ACCESS,
                        Syscall.FACCESSAT,
                        Syscall.FACCESSAT2,
                        Syscall.GETCWD)
                .allow(
                        Syscall.MMAP,
                        Syscall.MUNMAP,
                        Syscall.MPROTECT,
                        Syscall.MREMAP,
                        Syscall.MADVISE,
                        Syscall.MLOCK,
                        Syscall.MUNLOCK,
                        Syscall.MINCORE,
                        Syscall.BRK,
                        Syscall.MEMFD_CREATE)
                .allow(
                        Syscall.FUTEX,
                        Syscall.EXIT,
                        Syscall.EXIT_GROUP,
                        Syscall.SET_ROBUST_LIST,
                        Syscall.RSEQ,
                        Syscall.MEMBARRIER,
                        Syscall.RESTART_SYSCALL,
                        Syscall.SCHED_YIELD,
                        Syscall.SCHED_GETAFFINITY,
                        Syscall.RT_SIGACTION,
                        Syscall.RT_SIGPROCMASK,
                        Syscall.RT_SIGRETURN,
                        Syscall.SIGALTSTACK)
                .allow(
                        Syscall.GETPID,
                        Syscall.GETPPID,
                        Syscall.GETTID,
                        Syscall.GETUID,
                        Syscall.GETEUID,
                        Syscall.GETGID,
                        Syscall.GETEGID,
                        Syscall.GETRUSAGE,
                        Syscall.SYSINFO,
                        Syscall.UNAME,
                        Syscall.TIMES,
                        Syscall.NANOSLEEP,
                        Syscall.CLOCK_NANOSLEEP,
                        Syscall.CLOCK_GETTIME,
                        Syscall.CLOCK_GETRES,
                        Syscall.GETTIMEOFDAY,
                        Syscall.GETRANDOM,
                        Syscall.GETCPU,
                        Syscall.POLL,
                        Syscall.PPOLL)
                .allowOpeningForReading()
                .allowWriteTracking()
                .allowThreads()
                .allowOn(ownPid, Syscall.TGKILL, Syscall.PROCESS_VM_READV, Syscall.PROCESS_VM_WRITEV)
                .allowOn(SELF, Syscall.PRLIMIT64);
    }
}
