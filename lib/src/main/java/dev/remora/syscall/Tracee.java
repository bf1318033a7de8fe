package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.iovec;
import dev.remora.bindings.ptrace_rseq_configuration;
import dev.remora.bindings.ptrace_syscall_info;
import dev.remora.bindings.siginfo_t;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;

/**
 * One thread of another process, traced by {@code ptrace(2)}. Only the thread that seized it can ask for anything; and
 * when that one ends, in whatever way, the kernel lets go of the tracee, which then runs on. Failures are {@link
 * ErrnoException}; ESRCH says that the tracee has ended, or does not stand still as the request asks.
 *
 * <p>A tracee that has ended stays a zombie until its tracer has seen that, so its number is not given to another one.
 */
public final class Tracee {

    /** How a failure to trace is named. */
    public static final String CALL = "ptrace";

    /** How it is named where seccomp was to be suspended, which takes a right of its own. */
    public static final String SUSPENDING_SECCOMP = "ptrace, suspending seccomp";

    private static final long WORD = Long.BYTES;
    private static final int ANSWERED = 0;

    /** {@code SYS_USER_DISPATCH} of {@code asm-generic/siginfo.h}. */
    private static final int USER_DISPATCH = 2;

    private final Kernel kernel;
    private final int number;
    private final boolean standsAfterExec;

    /** For what the requests read and write. */
    private final MemorySegment vector;

    private final MemorySegment remoteVector;
    private final MemorySegment info;
    private final MemorySegment status;
    private final MemorySegment signalInfo;

    private Tracee(Kernel kernel, int number, boolean standsAfterExec, Arena arena) {
        this.kernel = kernel;
        this.number = number;
        this.standsAfterExec = standsAfterExec;
        vector = iovec.allocate(arena);
        remoteVector = iovec.allocate(arena);
        info = ptrace_syscall_info.allocate(arena);
        status = arena.allocate(ValueLayout.JAVA_INT);
        signalInfo = siginfo_t.allocate(arena);
    }

    /**
     * Begins to trace the thread that has this number now. It does not stop for that. One that the calling thread traces
     * already, under the number that it had before {@code execve(2)} gave it that of its process, is to stop.
     *
     * @param withoutSeccomp whether its seccomp filters are to be out of force meanwhile, which takes CAP_SYS_ADMIN
     * @param standsAfterExec whether it is to stop before it runs another program, as at the end of a system call
     */
    public static Tracee seize(
            Kernel kernel, int number, boolean withoutSeccomp, boolean standsAfterExec, Arena arena) {
        var tracee = new Tracee(kernel, number, standsAfterExec, arena);
        try {
            long options = tracee.options(withoutSeccomp);
            tracee.request(call(withoutSeccomp), "PTRACE_SEIZE", Linux.PTRACE_SEIZE(), 0, options);
        } catch (ErrnoException refused) {
            if (!tracee.tracedAlready()) {
                throw refused;
            }
        }
        return tracee;
    }

    /** Of all requests, this one alone tells it of threads that do not stand still. */
    private boolean tracedAlready() {
        try {
            interrupt();
            return true;
        } catch (ErrnoException notTraced) {
            return false;
        }
    }

    private static String call(boolean withoutSeccomp) {
        return withoutSeccomp ? SUSPENDING_SECCOMP : CALL;
    }

    private long options(boolean withoutSeccomp) {
        return Linux.PTRACE_O_TRACESYSGOOD()
                | (standsAfterExec ? Linux.PTRACE_O_TRACEEXEC() : 0)
                | (withoutSeccomp ? Linux.PTRACE_O_SUSPEND_SECCOMP() : 0);
    }

    /** Puts its seccomp filters out of force while it is traced, which takes CAP_SYS_ADMIN, or in force again. It stands still. */
    public void suspendSeccomp(boolean suspended) {
        request(call(suspended), "PTRACE_SETOPTIONS", Linux.PTRACE_SETOPTIONS(), 0, options(suspended));
    }

    public int number() {
        return number;
    }

    /** Asks it to stop before it runs on in its program: at once, or directly after the stop it is in. */
    public void interrupt() {
        request("PTRACE_INTERRUPT", Linux.PTRACE_INTERRUPT(), 0, 0);
    }

    /** Lets it run on. The signal takes effect; 0 is none. */
    public void resume(int signal) {
        request("PTRACE_CONT", Linux.PTRACE_CONT(), 0, signal);
    }

    /** Lets it run on to the next beginning or end of a system call. */
    public void resumeToSystemCall() {
        request("PTRACE_SYSCALL", Linux.PTRACE_SYSCALL(), 0, 0);
    }

    /** Leaves it stopped with its whole process, and lets it stop anew when that is to run on. */
    public void listen() {
        request("PTRACE_LISTEN", Linux.PTRACE_LISTEN(), 0, 0);
    }

    /** Lets go of it where it stands still; it runs on, or stays stopped if its whole process is. */
    public void detach() {
        request("PTRACE_DETACH", Linux.PTRACE_DETACH(), 0, 0);
    }

    /** What it does now. Does not wait. */
    public ThreadState state() {
        return state(Linux.WNOHANG());
    }

    /** Waits until it stands still or has ended. */
    public ThreadState await() {
        return state(0);
    }

    private ThreadState state(int option) {
        long options = Linux.__WALL() | Linux.__WNOTHREAD() | option;
        long result;
        do {
            result = kernel.call(Syscall.WAIT4, number, status.address(), options, 0);
        } while (result == -Linux.EINTR());
        if (result == -Linux.ECHILD()) {
            return new ThreadState.Ended();
        }
        ErrnoException.check(result, "wait4", "thread " + number);
        return result == 0 ? new ThreadState.Running() : ThreadState.of(status.get(ValueLayout.JAVA_INT, 0));
    }

    /**
     * Collects it if it has ended, which any thread of the tracer's process can do, and says whether that was so. The tracer finds
     * it to have ended. The number may be another one's from then on: this is not for calling twice.
     */
    public boolean collectIfEnded() {
        // The kernel tells of a stop too, whatever is asked for, and would take it from the tracer.
        return foundEnded(Linux.WNOWAIT()) && foundEnded(0);
    }

    private boolean foundEnded(int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = siginfo_t.allocate(arena);
            int options = Linux.WEXITED() | Linux.WNOHANG() | Linux.__WALL() | option;
            long result = kernel.call(Syscall.WAITID, Linux.P_PID(), number, found.address(), options, 0);
            int code = siginfo_t.si_code(found);
            return result == 0
                    && (code == Linux.CLD_EXITED() || code == Linux.CLD_KILLED() || code == Linux.CLD_DUMPED());
        }
    }

    /** Reads its general registers. */
    public void read(ThreadRegisters registers) {
        var _ = registerSet("PTRACE_GETREGSET", Linux.PTRACE_GETREGSET(), Linux.NT_PRSTATUS(), registers.segment());
    }

    /** Replaces its general registers. */
    public void write(ThreadRegisters registers) {
        var _ = registerSet("PTRACE_SETREGSET", Linux.PTRACE_SETREGSET(), Linux.NT_PRSTATUS(), registers.segment());
    }

    /** Reads the vector and floating point registers of x86-64, and returns how many bytes they are. */
    public long readExtendedState(MemorySegment state) {
        return registerSet("PTRACE_GETREGSET", Linux.PTRACE_GETREGSET(), Linux.NT_X86_XSTATE(), state);
    }

    private long registerSet(String name, int request, int set, MemorySegment registers) {
        iovec.iov_base(vector, registers);
        iovec.iov_len(vector, registers.byteSize());
        request(name, request, set, vector.address());
        return iovec.iov_len(vector);
    }

    /** The result of the system call at the end of which it stands: a value, or −errno. */
    public long systemCallResult() {
        request("PTRACE_GET_SYSCALL_INFO", Linux.PTRACE_GET_SYSCALL_INFO(), info.byteSize(), info.address());
        if (ptrace_syscall_info.op(info) != Linux.PTRACE_SYSCALL_INFO_EXIT()) {
            throw new ErrnoException(CALL, "thread " + number + " is not at the end of a call", Linux.EIO());
        }
        return ptrace_syscall_info.exit.rval(ptrace_syscall_info.exit(info));
    }

    /** Whether it stands because its own dispatcher ({@code PR_SET_SYSCALL_USER_DISPATCH}) is to make the call instead. */
    public boolean callWasDispatched() {
        request("PTRACE_GETSIGINFO", Linux.PTRACE_GETSIGINFO(), 0, signalInfo.address());
        return siginfo_t.si_signo(signalInfo) == Linux.SIGSYS() && siginfo_t.si_code(signalInfo) == USER_DISPATCH;
    }

    /** What is thrown when a thread has ended in the middle of something. */
    public static ErrnoException ended(int number) {
        return new ErrnoException(CALL, "thread " + number + ", which has ended", Linux.ESRCH());
    }

    /** Says whether a failure means that the thread has ended. */
    public static boolean ended(ErrnoException failure) {
        return failure.errno() == Linux.ESRCH();
    }

    /** Says whether a failure means that its memory is not there, or not to be written. */
    public static boolean badAddress(ErrnoException failure) {
        return failure.errno() == Linux.EFAULT();
    }

    /** Throws ESRCH unless it stands still. */
    public void requireStop() {
        var _ = signalMask();
    }

    /** The signals it blocks, one bit each, as the kernel has them in a signal frame. */
    public long signalMask() {
        request("PTRACE_GETSIGMASK", Linux.PTRACE_GETSIGMASK(), WORD, info.address());
        return info.get(ValueLayout.JAVA_LONG, 0);
    }

    /** Where it keeps its {@code struct rseq}; 0 if it has none. Empty before Linux 5.13, which does not tell. */
    public OptionalLong restartableSequences() {
        try {
            request(
                    "PTRACE_GET_RSEQ_CONFIGURATION",
                    Linux.PTRACE_GET_RSEQ_CONFIGURATION(),
                    ptrace_rseq_configuration.sizeof(),
                    info.address());
            return OptionalLong.of(ptrace_rseq_configuration.rseq_abi_pointer(info));
        } catch (ErrnoException failure) {
            if (failure.errno() == Linux.ESRCH()) {
                throw failure;
            }
            return OptionalLong.empty();
        }
    }

    /** Reads its memory, as much as is readable from there on, and returns how many bytes that are. */
    public long readReadable(long address, MemorySegment target) {
        return copy(Syscall.PROCESS_VM_READV, "process_vm_readv", address, target);
    }

    /** Reads its memory, or throws EFAULT. */
    public void readMemory(long address, MemorySegment target) {
        requireAll(readReadable(address, target), "process_vm_readv", address, target);
    }

    /** Writes to its memory, which must be writable for its own program, or throws EFAULT. */
    public void writeMemory(long address, MemorySegment source) {
        long written = copy(Syscall.PROCESS_VM_WRITEV, "process_vm_writev", address, source);
        requireAll(written, "process_vm_writev", address, source);
    }

    private void requireAll(long copied, String name, long address, MemorySegment local) {
        if (copied != local.byteSize()) {
            throw new ErrnoException(name, operands(address, local), Linux.EFAULT());
        }
    }

    private long copy(Syscall call, String name, long address, MemorySegment local) {
        iovec.iov_base(vector, local);
        iovec.iov_len(vector, local.byteSize());
        iovec.iov_base(remoteVector, MemorySegment.ofAddress(address));
        iovec.iov_len(remoteVector, local.byteSize());
        long result = kernel.call(call, number, vector.address(), 1, remoteVector.address(), 1, 0);
        return ErrnoException.check(result, name, operands(address, local));
    }

    private String operands(long address, MemorySegment local) {
        return "thread " + number + ", 0x" + Long.toHexString(address) + ", " + local.byteSize() + " bytes";
    }

    private void request(String name, int request, long address, long data) {
        request(CALL, name, request, address, data);
    }

    private void request(String call, String name, int request, long address, long data) {
        long result = kernel.call(Syscall.PTRACE, request, number, address, data);
        if (result < ANSWERED) {
            throw new ErrnoException(call, name + ", thread " + number, (int) -result);
        }
    }
}
