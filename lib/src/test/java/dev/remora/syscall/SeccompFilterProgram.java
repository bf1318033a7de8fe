package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.seccomp_data;
import dev.remora.syscall.SeccompFilter.Instruction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Runs the program of a filter as the kernel would: an interpreter for the few instructions it is made of. */
public final class SeccompFilterProgram {

    private final List<Instruction> program;

    public SeccompFilterProgram(SeccompFilter filter) {
        program = filter.program();
    }

    /** Returns the filter's verdict on a call. */
    public int run(Architecture architecture, int number, long... arguments) {
        ByteBuffer data = ByteBuffer.allocate((int) seccomp_data.sizeof()).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt((int) seccomp_data.nr$offset(), number);
        data.putInt((int) seccomp_data.arch$offset(), audit(architecture));
        for (int i = 0; i < arguments.length; i++) {
            data.putLong((int) seccomp_data.args$offset() + i * Long.BYTES, arguments[i]);
        }
        return run(data);
    }

    private static int audit(Architecture architecture) {
        return architecture == Architecture.X86_64 ? Linux.AUDIT_ARCH_X86_64() : Linux.AUDIT_ARCH_AARCH64();
    }

    private int run(ByteBuffer data) {
        int accumulator = 0;
        for (int at = 0; at < program.size(); at++) {
            Instruction instruction = program.get(at);
            int code = instruction.code();
            if (code == (Linux.BPF_LD() | Linux.BPF_W() | Linux.BPF_ABS())) {
                accumulator = data.getInt(instruction.operand());
            } else if (code == (Linux.BPF_ALU() | Linux.BPF_AND() | Linux.BPF_K())) {
                accumulator &= instruction.operand();
            } else if (code == (Linux.BPF_JMP() | Linux.BPF_JEQ() | Linux.BPF_K())) {
                at += accumulator == instruction.operand() ? instruction.jumpIfTrue() : instruction.jumpIfFalse();
            } else if (code == (Linux.BPF_RET() | Linux.BPF_K())) {
                return instruction.operand();
            } else {
                throw new AssertionError("not interpreted: " + instruction);
            }
        }
        throw new AssertionError("the program runs past its end");
    }
}
