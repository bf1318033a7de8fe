package dev.remora.syscall;

import dev.remora.bindings.SyscallsAarch64;
import dev.remora.bindings.SyscallsX86_64;

/** The system calls that Remora makes, or lets a confined child make, with their numbers. */
public enum Syscall {
    // Files.
    READ(SyscallsX86_64.__NR_read(), SyscallsAarch64.__NR_read()),
    WRITE(SyscallsX86_64.__NR_write(), SyscallsAarch64.__NR_write()),
    CLOSE(SyscallsX86_64.__NR_close(), SyscallsAarch64.__NR_close()),
    OPENAT(SyscallsX86_64.__NR_openat(), SyscallsAarch64.__NR_openat()),
    FSTAT(SyscallsX86_64.__NR_fstat(), SyscallsAarch64.__NR_fstat()),
    NEWFSTATAT(SyscallsX86_64.__NR_newfstatat(), SyscallsAarch64.__NR_newfstatat()),
    LSEEK(SyscallsX86_64.__NR_lseek(), SyscallsAarch64.__NR_lseek()),
    PREAD64(SyscallsX86_64.__NR_pread64(), SyscallsAarch64.__NR_pread64()),
    PWRITE64(SyscallsX86_64.__NR_pwrite64(), SyscallsAarch64.__NR_pwrite64()),
    READLINKAT(SyscallsX86_64.__NR_readlinkat(), SyscallsAarch64.__NR_readlinkat()),
    FACCESSAT(SyscallsX86_64.__NR_faccessat(), SyscallsAarch64.__NR_faccessat()),
    FACCESSAT2(SyscallsX86_64.__NR_faccessat2(), SyscallsAarch64.__NR_faccessat2()),
    STATX(SyscallsX86_64.__NR_statx(), SyscallsAarch64.__NR_statx()),
    GETCWD(SyscallsX86_64.__NR_getcwd(), SyscallsAarch64.__NR_getcwd()),
    DUP3(SyscallsX86_64.__NR_dup3(), SyscallsAarch64.__NR_dup3()),
    FTRUNCATE(SyscallsX86_64.__NR_ftruncate(), SyscallsAarch64.__NR_ftruncate()),
    FCNTL(SyscallsX86_64.__NR_fcntl(), SyscallsAarch64.__NR_fcntl()),
    GETDENTS64(SyscallsX86_64.__NR_getdents64(), SyscallsAarch64.__NR_getdents64()),
    IOCTL(SyscallsX86_64.__NR_ioctl(), SyscallsAarch64.__NR_ioctl()),

    // Memory of the caller.
    MMAP(SyscallsX86_64.__NR_mmap(), SyscallsAarch64.__NR_mmap()),
    MUNMAP(SyscallsX86_64.__NR_munmap(), SyscallsAarch64.__NR_munmap()),
    MPROTECT(SyscallsX86_64.__NR_mprotect(), SyscallsAarch64.__NR_mprotect()),
    MREMAP(SyscallsX86_64.__NR_mremap(), SyscallsAarch64.__NR_mremap()),
    MADVISE(SyscallsX86_64.__NR_madvise(), SyscallsAarch64.__NR_madvise()),
    MLOCK(SyscallsX86_64.__NR_mlock(), SyscallsAarch64.__NR_mlock()),
    MUNLOCK(SyscallsX86_64.__NR_munlock(), SyscallsAarch64.__NR_munlock()),
    BRK(SyscallsX86_64.__NR_brk(), SyscallsAarch64.__NR_brk()),
    MINCORE(SyscallsX86_64.__NR_mincore(), SyscallsAarch64.__NR_mincore()),
    USERFAULTFD(SyscallsX86_64.__NR_userfaultfd(), SyscallsAarch64.__NR_userfaultfd()),
    MEMFD_CREATE(SyscallsX86_64.__NR_memfd_create(), SyscallsAarch64.__NR_memfd_create()),

    // Threads.
    FUTEX(SyscallsX86_64.__NR_futex(), SyscallsAarch64.__NR_futex()),
    CLONE(SyscallsX86_64.__NR_clone(), SyscallsAarch64.__NR_clone()),
    CLONE3(SyscallsX86_64.__NR_clone3(), SyscallsAarch64.__NR_clone3()),
    EXIT(SyscallsX86_64.__NR_exit(), SyscallsAarch64.__NR_exit()),
    EXIT_GROUP(SyscallsX86_64.__NR_exit_group(), SyscallsAarch64.__NR_exit_group()),
    SET_ROBUST_LIST(SyscallsX86_64.__NR_set_robust_list(), SyscallsAarch64.__NR_set_robust_list()),
    RSEQ(SyscallsX86_64.__NR_rseq(), SyscallsAarch64.__NR_rseq()),
    MEMBARRIER(SyscallsX86_64.__NR_membarrier(), SyscallsAarch64.__NR_membarrier()),
    RESTART_SYSCALL(SyscallsX86_64.__NR_restart_syscall(), SyscallsAarch64.__NR_restart_syscall()),
    SCHED_YIELD(SyscallsX86_64.__NR_sched_yield(), SyscallsAarch64.__NR_sched_yield()),
    SCHED_GETAFFINITY(SyscallsX86_64.__NR_sched_getaffinity(), SyscallsAarch64.__NR_sched_getaffinity()),
    SCHED_GETSCHEDULER(SyscallsX86_64.__NR_sched_getscheduler(), SyscallsAarch64.__NR_sched_getscheduler()),
    SCHED_SETSCHEDULER(SyscallsX86_64.__NR_sched_setscheduler(), SyscallsAarch64.__NR_sched_setscheduler()),

    // Signals.
    RT_SIGACTION(SyscallsX86_64.__NR_rt_sigaction(), SyscallsAarch64.__NR_rt_sigaction()),
    RT_SIGPROCMASK(SyscallsX86_64.__NR_rt_sigprocmask(), SyscallsAarch64.__NR_rt_sigprocmask()),
    RT_SIGRETURN(SyscallsX86_64.__NR_rt_sigreturn(), SyscallsAarch64.__NR_rt_sigreturn()),
    SIGALTSTACK(SyscallsX86_64.__NR_sigaltstack(), SyscallsAarch64.__NR_sigaltstack()),
    TGKILL(SyscallsX86_64.__NR_tgkill(), SyscallsAarch64.__NR_tgkill()),

    // The calling process.
    GETPID(SyscallsX86_64.__NR_getpid(), SyscallsAarch64.__NR_getpid()),
    GETPPID(SyscallsX86_64.__NR_getppid(), SyscallsAarch64.__NR_getppid()),
    GETTID(SyscallsX86_64.__NR_gettid(), SyscallsAarch64.__NR_gettid()),
    GETUID(SyscallsX86_64.__NR_getuid(), SyscallsAarch64.__NR_getuid()),
    GETEUID(SyscallsX86_64.__NR_geteuid(), SyscallsAarch64.__NR_geteuid()),
    GETGID(SyscallsX86_64.__NR_getgid(), SyscallsAarch64.__NR_getgid()),
    GETEGID(SyscallsX86_64.__NR_getegid(), SyscallsAarch64.__NR_getegid()),
    GETRUSAGE(SyscallsX86_64.__NR_getrusage(), SyscallsAarch64.__NR_getrusage()),
    SYSINFO(SyscallsX86_64.__NR_sysinfo(), SyscallsAarch64.__NR_sysinfo()),
    UNAME(SyscallsX86_64.__NR_uname(), SyscallsAarch64.__NR_uname()),
    TIMES(SyscallsX86_64.__NR_times(), SyscallsAarch64.__NR_times()),
    SETPGID(SyscallsX86_64.__NR_setpgid(), SyscallsAarch64.__NR_setpgid()),
    PRCTL(SyscallsX86_64.__NR_prctl(), SyscallsAarch64.__NR_prctl()),
    PRLIMIT64(SyscallsX86_64.__NR_prlimit64(), SyscallsAarch64.__NR_prlimit64()),
    SECCOMP(SyscallsX86_64.__NR_seccomp(), SyscallsAarch64.__NR_seccomp()),

    // Time, randomness, waiting.
    NANOSLEEP(SyscallsX86_64.__NR_nanosleep(), SyscallsAarch64.__NR_nanosleep()),
    CLOCK_NANOSLEEP(SyscallsX86_64.__NR_clock_nanosleep(), SyscallsAarch64.__NR_clock_nanosleep()),
    CLOCK_GETTIME(SyscallsX86_64.__NR_clock_gettime(), SyscallsAarch64.__NR_clock_gettime()),
    CLOCK_GETRES(SyscallsX86_64.__NR_clock_getres(), SyscallsAarch64.__NR_clock_getres()),
    GETTIMEOFDAY(SyscallsX86_64.__NR_gettimeofday(), SyscallsAarch64.__NR_gettimeofday()),
    GETRANDOM(SyscallsX86_64.__NR_getrandom(), SyscallsAarch64.__NR_getrandom()),
    GETCPU(SyscallsX86_64.__NR_getcpu(), SyscallsAarch64.__NR_getcpu()),
    PPOLL(SyscallsX86_64.__NR_ppoll(), SyscallsAarch64.__NR_ppoll()),
    EPOLL_CREATE1(SyscallsX86_64.__NR_epoll_create1(), SyscallsAarch64.__NR_epoll_create1()),
    EPOLL_CTL(SyscallsX86_64.__NR_epoll_ctl(), SyscallsAarch64.__NR_epoll_ctl()),
    EPOLL_PWAIT(SyscallsX86_64.__NR_epoll_pwait(), SyscallsAarch64.__NR_epoll_pwait()),

    // Placement of memory on NUMA nodes.
    MBIND(SyscallsX86_64.__NR_mbind(), SyscallsAarch64.__NR_mbind()),
    GET_MEMPOLICY(SyscallsX86_64.__NR_get_mempolicy(), SyscallsAarch64.__NR_get_mempolicy()),
    SET_MEMPOLICY_HOME_NODE(
            SyscallsX86_64.__NR_set_mempolicy_home_node(), SyscallsAarch64.__NR_set_mempolicy_home_node()),
    MOVE_PAGES(SyscallsX86_64.__NR_move_pages(), SyscallsAarch64.__NR_move_pages()),
    MIGRATE_PAGES(SyscallsX86_64.__NR_migrate_pages(), SyscallsAarch64.__NR_migrate_pages()),

    // Waiting that a stop of the thread ends with EINTR.
    RT_SIGTIMEDWAIT(SyscallsX86_64.__NR_rt_sigtimedwait(), SyscallsAarch64.__NR_rt_sigtimedwait()),
    SEMOP(SyscallsX86_64.__NR_semop(), SyscallsAarch64.__NR_semop()),
    SEMTIMEDOP(SyscallsX86_64.__NR_semtimedop(), SyscallsAarch64.__NR_semtimedop()),
    EPOLL_PWAIT2(SyscallsX86_64.__NR_epoll_pwait2(), SyscallsAarch64.__NR_epoll_pwait2()),
    IO_GETEVENTS(SyscallsX86_64.__NR_io_getevents(), SyscallsAarch64.__NR_io_getevents()),
    IO_URING_ENTER(SyscallsX86_64.__NR_io_uring_enter(), SyscallsAarch64.__NR_io_uring_enter()),
    SENDTO(SyscallsX86_64.__NR_sendto(), SyscallsAarch64.__NR_sendto()),
    SENDMSG(SyscallsX86_64.__NR_sendmsg(), SyscallsAarch64.__NR_sendmsg()),
    IO_PGETEVENTS(SyscallsX86_64.__NR_io_pgetevents(), SyscallsAarch64.__NR_io_pgetevents()),
    ACCEPT(SyscallsX86_64.__NR_accept(), SyscallsAarch64.__NR_accept()),
    ACCEPT4(SyscallsX86_64.__NR_accept4(), SyscallsAarch64.__NR_accept4()),
    CONNECT(SyscallsX86_64.__NR_connect(), SyscallsAarch64.__NR_connect()),
    RECVFROM(SyscallsX86_64.__NR_recvfrom(), SyscallsAarch64.__NR_recvfrom()),
    RECVMSG(SyscallsX86_64.__NR_recvmsg(), SyscallsAarch64.__NR_recvmsg()),
    RECVMMSG(SyscallsX86_64.__NR_recvmmsg(), SyscallsAarch64.__NR_recvmmsg()),

    // Other processes.
    PTRACE(SyscallsX86_64.__NR_ptrace(), SyscallsAarch64.__NR_ptrace()),
    WAIT4(SyscallsX86_64.__NR_wait4(), SyscallsAarch64.__NR_wait4()),
    PROCESS_VM_READV(SyscallsX86_64.__NR_process_vm_readv(), SyscallsAarch64.__NR_process_vm_readv()),
    PROCESS_VM_WRITEV(SyscallsX86_64.__NR_process_vm_writev(), SyscallsAarch64.__NR_process_vm_writev()),
    PROCESS_MADVISE(SyscallsX86_64.__NR_process_madvise(), SyscallsAarch64.__NR_process_madvise()),
    PIDFD_OPEN(SyscallsX86_64.__NR_pidfd_open(), SyscallsAarch64.__NR_pidfd_open()),
    PIDFD_SEND_SIGNAL(SyscallsX86_64.__NR_pidfd_send_signal(), SyscallsAarch64.__NR_pidfd_send_signal()),
    PIDFD_GETFD(SyscallsX86_64.__NR_pidfd_getfd(), SyscallsAarch64.__NR_pidfd_getfd()),
    WAITID(SyscallsX86_64.__NR_waitid(), SyscallsAarch64.__NR_waitid()),
    PROCESS_MRELEASE(SyscallsX86_64.__NR_process_mrelease(), SyscallsAarch64.__NR_process_mrelease()),

    // Older forms that AArch64 never had, and a C library or a Java built long ago may use on x86-64.
    STAT(SyscallsX86_64.__NR_stat()),
    LSTAT(SyscallsX86_64.__NR_lstat()),
    ACCESS(SyscallsX86_64.__NR_access()),
    READLINK(SyscallsX86_64.__NR_readlink()),
    POLL(SyscallsX86_64.__NR_poll()),
    EPOLL_WAIT(SyscallsX86_64.__NR_epoll_wait());

    /** The number of a call that an architecture does not have. */
    static final int ABSENT = -1;

    private final int onX86;
    private final int onAarch64;
    private final int number;

    Syscall(int onX86) {
        this(onX86, ABSENT);
    }

    Syscall(int onX86, int onAarch64) {
        this.onX86 = onX86;
        this.onAarch64 = onAarch64;
        this.number = number(Architecture.ofThisMachine());
    }

    /** The number on this machine. */
    public int number() {
        return number;
    }

    /** The number on the given architecture; {@link #ABSENT} where there is none. */
    public int number(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> onX86;
            case AARCH64 -> onAarch64;
        };
    }
}
