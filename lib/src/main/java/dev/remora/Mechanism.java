package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;

/**
 * How the memory policy of another process is set. Linux has no system call for that: {@code mbind(2)} acts on its caller
 * only, and {@code process_mbind} was proposed in 2023 and never merged. So there are two ways, and none is taken unless it
 * is named, or, for the first, was configured.
 */
@CheckReturnValue
public sealed interface Mechanism {

    /** {@code process_mbind}, in a kernel that was built with it. */
    KernelCall KERNEL = new KernelCall();

    /** {@code mbind(2)}, executed by the process itself, which is stopped for that. */
    Injected INJECTED = new Injected(false, false);

    /**
     * {@code process_mbind}: {@code (pidfd, iovec, vlen, mode, nodemask, flags)}. No released kernel has it. The number is
     * that of the property {@code dev.remora.processMbind}; it is called only after the kernel has proven that it means
     * this call. (457, the number of the proposal, belongs to {@code statmount} since Linux 6.8.)
     *
     * <p>Privileges: CAP_SYS_NICE, and the right that {@code ptrace(2)} has to read the process.
     */
    record KernelCall() implements Mechanism {

        /** {@return {@code KERNEL}} */
        @Override
        public String toString() {
            return "KERNEL";
        }
    }

    /**
     * The process itself executes {@code mbind(2)}, made to by {@code ptrace(2)}: one of its threads is stopped, executes
     * the {@code syscall} instruction that it has in its C library, and goes on as if nothing had been. No byte of its
     * code is changed; what is written below the red zone of the thread's stack is put back, as are its registers; signals
     * are delivered as ever; calls that were interrupted begin anew. All ranges of one {@code place} go through one stop.
     *
     * <p>Should this JVM be killed meanwhile, the thread goes on by itself, from a frame that was put on its stack for that
     * purpose; calls with a limit of time then start it from the beginning. What that cannot save: a signal whose delivery
     * had just begun in that very moment is lost; a program with a shadow stack ends; and so does one whose suspended
     * seccomp filter, in force again at once, ends it for {@code mbind}.
     *
     * <p>Not done to: a process that is traced already; a thread that seccomp confines, unless that is suspended; 32-bit
     * programs; a process whose cgroup is frozen; threads in a restartable sequence, without room on their stack, or on a
     * stack without a guard below it, as those of Go (on Linux 6.13 and 6.14, which do not show the guards of glibc 2.42, all
     * but the first thread of such programs); the first thread of a child of this very JVM (Java takes its stop for
     * its end). If this JVM waits for another process by {@link ProcessHandle#onExit()}, that completes too early where the
     * first thread is stopped, which happens if there is no other that suits; {@link RemoteMemory#onExit()} does not. A
     * thread that waits for epoll, a semaphore, a signal or asynchronous I/O, or
     * for a socket with a limit of time, starts that limit from the beginning.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to attach to the process: the same user and a dumpable process,
     * or CAP_SYS_PTRACE; less where Yama's {@code ptrace_scope} says so. Kernel: Linux 5.10 on x86-64.
     *
     * @param stopsOtherThreads whether all other threads of the process stand still as well, so that they see all ranges
     *     placed or none
     * @param suspendsSeccomp whether seccomp filters of the threads that are stopped are out of force meanwhile, which takes
     *     CAP_SYS_ADMIN
     */
    record Injected(boolean stopsOtherThreads, boolean suspendsSeccomp) implements Mechanism {

        /** {@return this mechanism, with all other threads of the process standing still as well} */
        public Injected stoppingOtherThreads() {
            return new Injected(true, suspendsSeccomp);
        }

        /** {@return this mechanism, with seccomp filters out of force meanwhile} It takes CAP_SYS_ADMIN. */
        public Injected suspendingSeccomp() {
            return new Injected(stopsOtherThreads, true);
        }

        /** {@return {@code INJECTED} with its options} */
        @Override
        public String toString() {
            return "INJECTED" + (stopsOtherThreads ? ", stopping other threads" : "")
                    + (suspendsSeccomp ? ", suspending seccomp" : "");
        }
    }
}
