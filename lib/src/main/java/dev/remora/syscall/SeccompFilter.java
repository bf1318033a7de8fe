package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.seccomp_data;
import dev.remora.bindings.sock_filter;
import dev.remora.bindings.sock_fprog;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A list of the system calls that a process may make from now on ({@code seccomp(2)}); all others answer EPERM.
 *
 * <p>The program looks at the architecture first, because the numbers mean other calls on another one.
 */
public final class SeccompFilter {

    /** One instruction of classic BPF. */
    record Instruction(int code, int jumpIfTrue, int jumpIfFalse, int operand) {}

    private static final int LOAD = Linux.BPF_LD() | Linux.BPF_W() | Linux.BPF_ABS();
    private static final int AND = Linux.BPF_ALU() | Linux.BPF_AND() | Linux.BPF_K();
    private static final int IF_EQUAL = Linux.BPF_JMP() | Linux.BPF_JEQ() | Linux.BPF_K();
    private static final int RETURN = Linux.BPF_RET() | Linux.BPF_K();
    private static final long WORD = Long.BYTES;
    private static final int ALL_BITS = -1;

    /** In which bits of a request to a file the kind of file is. */
    private static final int REQUEST_TYPE = 0xff00;

    private static final int CLONE_THREAD = 0x0001_0000;

    private final Architecture architecture;
    private final List<Instruction> program = new ArrayList<>();

    public SeccompFilter(Architecture architecture) {
        this.architecture = architecture;
        add(LOAD, 0, 0, (int) seccomp_data.arch$offset());
        add(IF_EQUAL, 1, 0, auditNumber());
        add(RETURN, 0, 0, Linux.SECCOMP_RET_KILL_PROCESS());
        add(LOAD, 0, 0, (int) seccomp_data.nr$offset());
    }

    private int auditNumber() {
        return switch (architecture) {
            case X86_64 -> Linux.AUDIT_ARCH_X86_64();
            case AARCH64 -> Linux.AUDIT_ARCH_AARCH64();
        };
    }

    private void add(int code, int jumpIfTrue, int jumpIfFalse, int operand) {
        program.add(new Instruction(code, jumpIfTrue, jumpIfFalse, operand));
    }

    /** Allows calls, as far as the architecture has them. */
    public SeccompFilter allow(Syscall... calls) {
        for (Syscall call : calls) {
            if (call.number(architecture) != Syscall.ABSENT) {
                answer(call, Linux.SECCOMP_RET_ALLOW());
            }
        }
        return this;
    }

    /** Allows calls that name a process in their first argument, for one process only; 0 is the caller itself. */
    public SeccompFilter allowOn(int pid, Syscall... calls) {
        for (Syscall call : calls) {
            allowIf(call, 0, ALL_BITS, pid);
        }
        return this;
    }

    /** Allows to open files for reading. */
    public SeccompFilter allowOpeningForReading() {
        allowIf(Syscall.OPENAT, 2, Linux.O_WRONLY() | Linux.O_RDWR() | Linux.O_CREAT() | Linux.O_TRUNC(), 0);
        return this;
    }

    /** Allows to start and name threads, but no processes. A filter cannot see the flags of clone3. */
    public SeccompFilter allowThreads() {
        allowIf(Syscall.CLONE, 0, CLONE_THREAD, CLONE_THREAD);
        answer(Syscall.CLONE3, refusal(Linux.ENOSYS()));
        allowIf(Syscall.PRCTL, 0, ALL_BITS, Linux.PR_SET_NAME());
        return this;
    }

    /** Allows a process to have its own writes tracked, and no other request to a file than that takes. */
    public SeccompFilter allowWriteTracking() {
        allowIf(Syscall.USERFAULTFD, 0, ALL_BITS, WriteTracking.flags());
        allowIf(Syscall.IOCTL, 1, REQUEST_TYPE, (int) Linux.UFFDIO_API() & REQUEST_TYPE);
        return this;
    }

    /** Allows a call when the lower half of an argument, masked, has a value. */
    private void allowIf(Syscall call, int argument, int mask, int value) {
        add(IF_EQUAL, 0, 5, call.number(architecture));
        add(LOAD, 0, 0, (int) (seccomp_data.args$offset() + argument * WORD));
        add(AND, 0, 0, mask);
        add(IF_EQUAL, 0, 1, value);
        add(RETURN, 0, 0, Linux.SECCOMP_RET_ALLOW());
        add(RETURN, 0, 0, refusal(Linux.EPERM()));
    }

    private void answer(Syscall call, int verdict) {
        add(IF_EQUAL, 0, 1, call.number(architecture));
        add(RETURN, 0, 0, verdict);
    }

    private static int refusal(int errno) {
        return Linux.SECCOMP_RET_ERRNO() | (errno & Linux.SECCOMP_RET_DATA());
    }

    List<Instruction> program() {
        List<Instruction> whole = new ArrayList<>(program);
        whole.add(new Instruction(RETURN, 0, 0, refusal(Linux.EPERM())));
        return whole;
    }

    /** Puts the filter on all threads of this process, for good. Throws {@link ErrnoException}. */
    public void install(Kernel kernel) {
        List<Instruction> whole = program();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment instructions = sock_filter.allocateArray(whole.size(), arena);
            for (int i = 0; i < whole.size(); i++) {
                write(whole.get(i), sock_filter.asSlice(instructions, i));
            }
            MemorySegment filter = sock_fprog.allocate(arena);
            sock_fprog.len(filter, (short) whole.size());
            sock_fprog.filter(filter, instructions);
            ErrnoException.check(
                    kernel.call(
                            Syscall.SECCOMP,
                            Linux.SECCOMP_SET_MODE_FILTER(),
                            Linux.SECCOMP_FILTER_FLAG_TSYNC(),
                            filter.address()),
                    "seccomp",
                    whole.size() + " instructions");
        }
    }

    private static void write(Instruction instruction, MemorySegment target) {
        sock_filter.code(target, (short) instruction.code());
        sock_filter.jt(target, (byte) instruction.jumpIfTrue());
        sock_filter.jf(target, (byte) instruction.jumpIfFalse());
        sock_filter.k(target, instruction.operand());
    }
}
