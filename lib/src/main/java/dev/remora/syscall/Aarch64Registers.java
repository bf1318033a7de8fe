package dev.remora.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct user_pt_regs} of AArch64 ({@code asm/ptrace.h}): x0 to x30, sp, pc, pstate.
 *
 * <p>What was interrupted they do not tell: by the time a tracer sees the thread, the kernel has already set it back to
 * the instruction that made the call.
 */
final class Aarch64Registers extends ThreadRegisters {

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(31, ValueLayout.JAVA_LONG).withName("regs"),
            ValueLayout.JAVA_LONG.withName("sp"),
            ValueLayout.JAVA_LONG.withName("pc"),
            ValueLayout.JAVA_LONG.withName("pstate"));

    private static final long STACK_POINTER = LAYOUT.byteOffset(PathElement.groupElement("sp"));
    private static final long PROGRAM_COUNTER = LAYOUT.byteOffset(PathElement.groupElement("pc"));
    private static final long STATE = LAYOUT.byteOffset(PathElement.groupElement("pstate"));
    private static final int CALL_NUMBER = 8;

    /** Set in the state of a 32-bit program. */
    private static final long NARROW = 1 << 4;

    Aarch64Registers(Arena arena) {
        super(arena.allocate(LAYOUT));
    }

    @Override
    public long programCounter() {
        return segment().get(ValueLayout.JAVA_LONG, PROGRAM_COUNTER);
    }

    @Override
    public void goOnAt(long instruction) {
        segment().set(ValueLayout.JAVA_LONG, PROGRAM_COUNTER, instruction);
    }

    @Override
    public long stackPointer() {
        return segment().get(ValueLayout.JAVA_LONG, STACK_POINTER);
    }

    @Override
    public boolean wide() {
        return (segment().get(ValueLayout.JAVA_LONG, STATE) & NARROW) == 0;
    }

    @Override
    public boolean inSystemCall() {
        return false;
    }

    @Override
    public boolean continueInterruptedWait() {
        // The kernel has done so before the tracer sees the thread.
        return false;
    }

    @Override
    public void prepareCall(long instruction, long stackPointer, Syscall call, long... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            segment().setAtIndex(ValueLayout.JAVA_LONG, i, arguments[i]);
        }
        segment().setAtIndex(ValueLayout.JAVA_LONG, CALL_NUMBER, call.number(Architecture.AARCH64));
        segment().set(ValueLayout.JAVA_LONG, STACK_POINTER, stackPointer);
        segment().set(ValueLayout.JAVA_LONG, PROGRAM_COUNTER, instruction);
    }
}
