package dev.remora.syscall;

import dev.remora.bindings.user_regs_struct;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The way back for a thread of x86-64 that executes a system call for somebody else: a signal frame on its own stack.
 *
 * <p>As long as its tracer lives, that restores the registers, and the frame is not used. If the tracer is killed, the
 * kernel lets the thread run on with the registers it has: it executes the call, returns from it as from a signal
 * handler, and so goes on where it was. The kernel's {@code arch/x86/kernel/signal_64.c} and {@code fpu/signal.c} say
 * what such a frame has.
 */
public final class ReturnFrame {

    /** Below the stack pointer, code may keep data that no signal handler overwrites. */
    private static final long RED_ZONE = 128;

    /** What the caller may keep below the frame, still out of reach of a signal handler. */
    public static final int DATA_BYTES = 128;

    private static final long MOST_EXTENDED_STATE = 1 << 14;

    // struct rt_sigframe: the address to return to, then struct ucontext.
    private static final long FRAME_BYTES = 440;
    private static final long FLAGS = 8;
    private static final long STACK_FLAGS = 32;
    private static final long CONTEXT = 48;
    private static final long SIGNAL_MASK = CONTEXT + 256;

    /** {@code UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS}. */
    private static final long FRAME_FLAGS = 7;

    /** Flags that no alternate stack can have: then the one that the thread has is left alone. */
    private static final int KEEP_ALTERNATE_STACK = 0x10;

    // struct sigcontext_64, in words.
    private static final int SEGMENTS = 18;
    private static final int EXTENDED_STATE = 23;

    // The extended state: what the kernel itself adds to it in a frame.
    private static final long SOFTWARE_BYTES = 464;
    private static final long SOFTWARE_BYTES_END = 512;
    private static final int MAGIC_BEFORE = 0x4650_5853;
    private static final int MAGIC_BEHIND = 0x4650_5845;
    private static final long ALIGNMENT = 64;

    /** Tile registers: a thread that has no permission for them has no room for them in its frames either. */
    private static final long TILE_DATA = 1L << 18;

    private static final long TILE_DATA_OFFSET = 2816;

    private final MemorySegment extendedState;
    private final MemorySegment content;
    private final long base;
    private final long frame;

    private ReturnFrame(MemorySegment extendedState, MemorySegment content, long base, long frame) {
        this.extendedState = extendedState;
        this.content = content;
        this.base = base;
        this.frame = frame;
    }

    /**
     * Makes the frame for a thread that stands still with these registers.
     *
     * @param restorer the address of the instructions that a signal handler returns to
     */
    public static ReturnFrame of(Tracee tracee, ThreadRegisters registers, long restorer, Arena arena) {
        MemorySegment state = arena.allocate(MOST_EXTENDED_STATE, ALIGNMENT);
        long stateBytes = withoutUnusedTiles(state, tracee.readExtendedState(state));
        long top = registers.stackPointer() - RED_ZONE;
        long stateAddress = top - stateBytes - Integer.BYTES & -ALIGNMENT;
        long frame = stateAddress - FRAME_BYTES & -Long.BYTES;
        long base = frame - DATA_BYTES;
        MemorySegment content = arena.allocate(top - base, Long.BYTES);
        var made = new ReturnFrame(state, content, base, frame);
        made.fill((X86Registers) registers, tracee.signalMask(), restorer, stateAddress);
        made.fillExtendedState(stateBytes, stateAddress);
        return made;
    }

    private static long withoutUnusedTiles(MemorySegment state, long byteSize) {
        long inUse = state.get(ValueLayout.JAVA_LONG, SOFTWARE_BYTES_END);
        long known = state.get(ValueLayout.JAVA_LONG, SOFTWARE_BYTES);
        if (byteSize <= TILE_DATA_OFFSET || (inUse & TILE_DATA) != 0) {
            return byteSize;
        }
        state.set(ValueLayout.JAVA_LONG, SOFTWARE_BYTES, known & ~TILE_DATA);
        return TILE_DATA_OFFSET;
    }

    private void fill(X86Registers registers, long signalMask, long restorer, long stateAddress) {
        word(0, restorer);
        word(FLAGS, FRAME_FLAGS);
        content.set(ValueLayout.JAVA_INT, frame - base + STACK_FLAGS, KEEP_ALTERNATE_STACK);
        MemorySegment from = registers.segment();
        long[] context = {
            user_regs_struct.r8(from),
            user_regs_struct.r9(from),
            user_regs_struct.r10(from),
            user_regs_struct.r11(from),
            user_regs_struct.r12(from),
            user_regs_struct.r13(from),
            user_regs_struct.r14(from),
            user_regs_struct.r15(from),
            user_regs_struct.rdi(from),
            user_regs_struct.rsi(from),
            user_regs_struct.rbp(from),
            user_regs_struct.rbx(from),
            user_regs_struct.rdx(from),
            registers.resumptionResult(),
            user_regs_struct.rcx(from),
            user_regs_struct.rsp(from),
            registers.resumptionAddress(),
            user_regs_struct.eflags(from)
        };
        for (int i = 0; i < context.length; i++) {
            word(CONTEXT + (long) i * Long.BYTES, context[i]);
        }
        word(
                CONTEXT + SEGMENTS * (long) Long.BYTES,
                (user_regs_struct.cs(from) & 0xffff) | (user_regs_struct.ss(from) & 0xffff) << 48);
        word(CONTEXT + EXTENDED_STATE * (long) Long.BYTES, stateAddress);
        word(SIGNAL_MASK, signalMask);
    }

    private void word(long offset, long value) {
        content.set(ValueLayout.JAVA_LONG_UNALIGNED, frame - base + offset, value);
    }

    private void fillExtendedState(long byteSize, long address) {
        MemorySegment target = content.asSlice(address - base, byteSize + Integer.BYTES);
        target.copyFrom(extendedState.asSlice(0, byteSize));
        long components = extendedState.get(ValueLayout.JAVA_LONG, SOFTWARE_BYTES);
        target.asSlice(SOFTWARE_BYTES, SOFTWARE_BYTES_END - SOFTWARE_BYTES).fill((byte) 0);
        target.set(ValueLayout.JAVA_INT_UNALIGNED, SOFTWARE_BYTES, MAGIC_BEFORE);
        target.set(ValueLayout.JAVA_INT_UNALIGNED, SOFTWARE_BYTES + 4, (int) byteSize + Integer.BYTES);
        target.set(ValueLayout.JAVA_LONG_UNALIGNED, SOFTWARE_BYTES + 8, components);
        target.set(ValueLayout.JAVA_INT_UNALIGNED, SOFTWARE_BYTES + 16, (int) byteSize);
        target.set(ValueLayout.JAVA_INT_UNALIGNED, byteSize, MAGIC_BEHIND);
    }

    /** What is to stand in the thread's memory from {@link #dataAddress()} on. */
    public MemorySegment content() {
        return content;
    }

    /** Where the caller's data is: in the first {@link #DATA_BYTES} of {@link #content()}. */
    public long dataAddress() {
        return base;
    }

    /** The stack pointer with which the call is to be made, and returned from. */
    public long stackPointer() {
        return frame;
    }
}
