package dev.remora;

/**
 * How a process is made to stand still. All leave it as it was found: one that was stopped or frozen before stays so.
 *
 * {@snippet file="Freezing.java" region="method"}
 */
public enum FreezeMethod {
    /**
     * All threads are stopped by {@code ptrace(2)} (PTRACE_SEIZE and PTRACE_INTERRUPT), those that are started meanwhile
     * included; one that runs another program just then ({@code execve(2)}) stands still before that begins. The kernel lets
     * them run on when this JVM ends, also by SIGKILL; nobody but this JVM can before. Neither the
     * process nor its parent is told. On x86-64, calls that a mere stop would end by EINTR begin anew; a limit of time of
     * {@code epoll_wait} and of its like starts from the beginning.
     *
     * <p>Not done to: a process that is traced already, a child of this JVM (Java takes the stop of its first thread for its
     * end), a process whose threads wait undisturbed, such as for a child that it began by {@code vfork(2)}, or are frozen
     * by the freezer of cgroups version 1. Threads that work for {@code io_uring(7)} in the kernel run on.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to attach to the process: the same user and a dumpable process, or
     * CAP_SYS_PTRACE; less where Yama's {@code ptrace_scope} says so. Kernel: Linux 3.4. Source: {@code ptrace(2)}.
     */
    PTRACE,

    /**
     * The cgroup of the process is frozen: {@code cgroup.freeze} of version 2. The process must be the only one in it and
     * below; it is never moved to another one, and the root cannot be frozen. All threads stand still, those that work for
     * {@code io_uring(7)} included. It can be killed meanwhile. Who freezes the cgroup meanwhile finds it thawed afterwards.
     *
     * <p>To the process it is as if a signal had come that nobody handles: {@code epoll_wait}, {@code semop} and the other
     * calls that {@code signal(7)} lists under "Interruption of system calls and library functions by stop signals" end by
     * EINTR.
     *
     * <p>Privileges: writing {@code cgroup.freeze}, which is root's or that of whom the cgroup was delegated to. Kernel:
     * Linux 5.2. Source: {@code Documentation/admin-guide/cgroup-v2.rst}.
     */
    CGROUP_V2,

    /**
     * The cgroup of the process is frozen: {@code freezer.state} of version 1, with the same rules. Here even SIGKILL waits
     * until it is thawed, and the process cannot be traced meanwhile; calls end by EINTR as with version 2.
     *
     * <p>Privileges: writing {@code freezer.state}. Kernel: Linux 2.6.28. Source: {@code
     * Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst}.
     */
    CGROUP_V1,

    /**
     * SIGSTOP, and SIGCONT afterwards, through the pidfd. The process cannot prevent it, but notices: its handler of SIGCONT
     * runs; its parent gets SIGCHLD and can see both by {@code waitid(2)}; and the calls of which {@code signal(7)} says so
     * under "Interruption of system calls and library functions by stop signals" end by EINTR. Anybody who may signal it
     * can let it run on meanwhile: {@link FrozenOutcome.Disturbed}; who stops it meanwhile finds it running afterwards.
     *
     * <p>Not done to: a process that is traced, whose tracer decides what a signal does; one whose cgroup is frozen, which
     * takes no signals; one with threads that wait undisturbed.
     *
     * <p>Privileges: those of {@link RemoteMemory#kill()}. Kernel: Linux 5.3. Source: {@code signal(7)}, {@code
     * pidfd_send_signal(2)}.
     */
    SIGSTOP
}
