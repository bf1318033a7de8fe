package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.user_regs_struct;
import java.lang.foreign.Arena;
import java.util.Set;

/** {@code struct user_regs_struct} of x86-64. */
final class X86Registers extends ThreadRegisters {

    /** The code segment of 64-bit programs; those of 32 bits have another one. */
    private static final long WIDE_CODE = 0x33;

    private static final long NO_CALL = -1;

    /** A result that the program never sees: unless a handler of its own runs, the kernel begins the call anew. */
    private static final long ERESTARTNOHAND = 514;

    /** The others of the kernel's {@code include/linux/errno.h}: ERESTARTSYS, ERESTARTNOINTR, ERESTART_RESTARTBLOCK. */
    private static final Set<Long> BEGUN_ANEW = Set.of(-512L, -513L, -ERESTARTNOHAND, -516L);

    /** The bytes of the instruction that makes a call. */
    private static final long INSTRUCTION = 2;

    /**
     * The calls that end with EINTR when their thread is merely stopped ({@code signal(7)}), and have done nothing then, or
     * go on with what they began when they are called again. A limit of time starts from its beginning.
     */
    private static final Set<Syscall> INTERRUPTED_BY_STOPS = Set.of(
            Syscall.EPOLL_WAIT,
            Syscall.EPOLL_PWAIT,
            Syscall.EPOLL_PWAIT2,
            Syscall.SEMOP,
            Syscall.SEMTIMEDOP,
            Syscall.RT_SIGTIMEDWAIT,
            Syscall.IO_GETEVENTS,
            Syscall.IO_PGETEVENTS,
            Syscall.READ,
            Syscall.RECVFROM,
            Syscall.RECVMSG,
            Syscall.RECVMMSG,
            Syscall.ACCEPT,
            Syscall.ACCEPT4,
            Syscall.CONNECT,
            Syscall.SENDTO,
            Syscall.SENDMSG,
            Syscall.IO_URING_ENTER);

    X86Registers(Arena arena) {
        super(user_regs_struct.allocate(arena));
    }

    @Override
    public long programCounter() {
        return user_regs_struct.rip(segment());
    }

    @Override
    public void goOnAt(long instruction) {
        user_regs_struct.rip(segment(), instruction);
    }

    @Override
    public long stackPointer() {
        return user_regs_struct.rsp(segment());
    }

    @Override
    public boolean wide() {
        return user_regs_struct.cs(segment()) == WIDE_CODE;
    }

    @Override
    public boolean inSystemCall() {
        return user_regs_struct.orig_rax(segment()) >= 0;
    }

    @Override
    public boolean continueInterruptedWait() {
        if (user_regs_struct.rax(segment()) == -Linux.EINTR() && waits(user_regs_struct.orig_rax(segment()))) {
            user_regs_struct.rax(segment(), -ERESTARTNOHAND);
            return true;
        }
        return false;
    }

    private static boolean waits(long number) {
        return INTERRUPTED_BY_STOPS.stream().anyMatch(call -> call.number(Architecture.X86_64) == number);
    }

    /** Whether the kernel would begin the call anew in which the thread was stopped. */
    private boolean callBeginsAnew() {
        return inSystemCall() && BEGUN_ANEW.contains(user_regs_struct.rax(segment()));
    }

    /** Where the thread goes on if nobody restores what was interrupted: before its call, if that begins anew. */
    long resumptionAddress() {
        return programCounter() - (callBeginsAnew() ? INSTRUCTION : 0);
    }

    /** What rax is there. */
    long resumptionResult() {
        return callBeginsAnew() ? user_regs_struct.orig_rax(segment()) : user_regs_struct.rax(segment());
    }

    @Override
    public void prepareCall(long instruction, long stackPointer, Syscall call, long... arguments) {
        user_regs_struct.rip(segment(), instruction);
        user_regs_struct.rsp(segment(), stackPointer);
        user_regs_struct.rax(segment(), call.number(Architecture.X86_64));
        user_regs_struct.orig_rax(segment(), NO_CALL);
        user_regs_struct.rdi(segment(), arguments[0]);
        user_regs_struct.rsi(segment(), arguments[1]);
        user_regs_struct.rdx(segment(), arguments[2]);
        user_regs_struct.r10(segment(), arguments[3]);
        user_regs_struct.r8(segment(), arguments[4]);
        user_regs_struct.r9(segment(), arguments[5]);
    }
}
