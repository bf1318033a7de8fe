package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.bindings.user_regs_struct;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class ThreadRegistersTest {

    private static final long INSTRUCTION = 0x7000_1234L;
    private static final long STACK = 0x7fff_0000L;
    private static final long[] ARGUMENTS = {11, 12, 13, 14, 15, 16};
    private static final int FUTEX_RESTARTS = -516;

    private final Arena arena = Arena.ofAuto();
    private final ThreadRegisters onX86 = ThreadRegisters.allocate(Architecture.X86_64, arena);
    private final MemorySegment x86 = onX86.segment();
    private final ThreadRegisters onAarch64 = ThreadRegisters.allocate(Architecture.AARCH64, arena);
    private final MemorySegment aarch64 = onAarch64.segment();

    @Test
    void aCallOnX86HasItsNumberAndArgumentsWhereTheKernelLooksForThem() {
        onX86.prepareCall(INSTRUCTION, STACK, Syscall.MBIND, ARGUMENTS);
        assertThat(user_regs_struct.rax(x86)).isEqualTo(237);
        assertThat(user_regs_struct.rdi(x86)).isEqualTo(11);
        assertThat(user_regs_struct.rsi(x86)).isEqualTo(12);
        assertThat(user_regs_struct.rdx(x86)).isEqualTo(13);
        assertThat(user_regs_struct.r10(x86)).isEqualTo(14);
        assertThat(user_regs_struct.r8(x86)).isEqualTo(15);
        assertThat(user_regs_struct.r9(x86)).isEqualTo(16);
        assertThat(onX86.programCounter()).isEqualTo(INSTRUCTION);
        assertThat(onX86.stackPointer()).isEqualTo(STACK);
        assertThat(onX86.inSystemCall())
                .as("nothing that was interrupted begins anew with these registers")
                .isFalse();
    }

    @Test
    void theStructureOfAarch64IsThatOfTheKernel() {
        assertThat(aarch64.byteSize()).isEqualTo(34 * 8);
        onAarch64.prepareCall(INSTRUCTION, STACK, Syscall.MBIND, ARGUMENTS);
        for (int i = 0; i < ARGUMENTS.length; i++) {
            assertThat(aarch64.getAtIndex(ValueLayout.JAVA_LONG, i)).isEqualTo(ARGUMENTS[i]);
        }
        assertThat(aarch64.getAtIndex(ValueLayout.JAVA_LONG, 8)).as("x8").isEqualTo(235);
        assertThat(aarch64.getAtIndex(ValueLayout.JAVA_LONG, 31)).as("sp").isEqualTo(STACK);
        assertThat(aarch64.getAtIndex(ValueLayout.JAVA_LONG, 32)).as("pc").isEqualTo(INSTRUCTION);
        assertThat(onAarch64.programCounter()).isEqualTo(INSTRUCTION);
        assertThat(onAarch64.stackPointer()).isEqualTo(STACK);
    }

    @Test
    void programsOf32BitsAreRecognised() {
        user_regs_struct.cs(x86, 0x33);
        assertThat(onX86.wide()).isTrue();
        user_regs_struct.cs(x86, 0x23);
        assertThat(onX86.wide()).isFalse();
        assertThat(onAarch64.wide()).isTrue();
        aarch64.setAtIndex(ValueLayout.JAVA_LONG, 33, 0x10);
        assertThat(onAarch64.wide()).isFalse();
    }

    @Test
    void aWaitThatTheStopEndedBeginsAnewUnlessAHandlerRuns() {
        stoppedIn(Syscall.EPOLL_WAIT, -Linux.EINTR());
        onX86.continueInterruptedWait();
        assertThat(user_regs_struct.rax(x86)).as("-ERESTARTNOHAND").isEqualTo(-514);
    }

    @Test
    void otherCallsThatWereInterruptedAreLeftToTheKernel() {
        stoppedIn(Syscall.FUTEX, FUTEX_RESTARTS);
        onX86.continueInterruptedWait();
        assertThat(user_regs_struct.rax(x86)).isEqualTo(FUTEX_RESTARTS);
        stoppedIn(Syscall.CLOSE, -Linux.EINTR());
        onX86.continueInterruptedWait();
        assertThat(user_regs_struct.rax(x86))
                .as("what has been done is not done again")
                .isEqualTo(-Linux.EINTR());
        stoppedIn(Syscall.EPOLL_WAIT, 1);
        onX86.continueInterruptedWait();
        assertThat(user_regs_struct.rax(x86)).isEqualTo(1);
    }

    @Test
    void leftAloneTheThreadGoesOnBeforeACallThatBeginsAnew() {
        var registers = (X86Registers) onX86;
        user_regs_struct.rip(x86, 0x1002);
        stoppedIn(Syscall.FUTEX, FUTEX_RESTARTS);
        assertThat(registers.resumptionAddress()).isEqualTo(0x1000);
        assertThat(registers.resumptionResult()).isEqualTo(Syscall.FUTEX.number(Architecture.X86_64));
        stoppedIn(Syscall.READ, 5);
        assertThat(registers.resumptionAddress()).isEqualTo(0x1002);
        assertThat(registers.resumptionResult()).isEqualTo(5);
        user_regs_struct.orig_rax(x86, -1);
        user_regs_struct.rax(x86, -512);
        assertThat(registers.resumptionAddress())
                .as("a number that a program computes is no answer of the kernel")
                .isEqualTo(0x1002);
    }

    private void stoppedIn(Syscall call, long result) {
        user_regs_struct.orig_rax(x86, call.number(Architecture.X86_64));
        user_regs_struct.rax(x86, result);
    }
}
