package dev.remora.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The general registers of a thread that stands still, as {@code PTRACE_GETREGSET} gives them, and what they mean for a
 * system call. Each architecture has its own.
 */
public abstract sealed class ThreadRegisters permits X86Registers, Aarch64Registers {

    private final MemorySegment segment;

    ThreadRegisters(MemorySegment segment) {
        this.segment = segment;
    }

    public static ThreadRegisters allocate(Architecture architecture, Arena arena) {
        return switch (architecture) {
            case X86_64 -> new X86Registers(arena);
            case AARCH64 -> new Aarch64Registers(arena);
        };
    }

    final MemorySegment segment() {
        return segment;
    }

    public final void copyFrom(ThreadRegisters other) {
        segment.copyFrom(other.segment);
    }

    /** The address of the next instruction. */
    public abstract long programCounter();

    /** Lets the thread go on somewhere else. */
    public abstract void goOnAt(long instruction);

    public abstract long stackPointer();

    /** Whether the thread runs 64-bit code, for which this layout is. */
    public abstract boolean wide();

    /** Whether it was stopped in a system call, which the kernel ends or begins anew before the program goes on. */
    public abstract boolean inSystemCall();

    /**
     * Undoes what the stop alone did to a call that was waiting: some calls answer EINTR then, although no handler of the
     * program runs. Afterwards the kernel begins such a call anew, or ends it with EINTR if a handler does run. Returns
     * whether there was something to undo.
     */
    public abstract boolean continueInterruptedWait();

    /** Makes the thread execute a system call with its next instruction, and return nowhere else than it is told to. */
    public abstract void prepareCall(long instruction, long stackPointer, Syscall call, long... arguments);
}
