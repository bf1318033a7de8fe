package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.ProcessMbind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A placement by a kernel that has process_mbind, whose answers about other processes are scripted. */
@Tag("kernel")
final class ProcessMbindPlacementTest {

    private static final long PAGE = 4096;
    private static final int NUMBER = 4999;
    private static final int RANGES = 4;
    private static final MemoryPolicy HERE = MemoryPolicy.bind(NodeSet.of(0));

    private record Asked(long ranges, long mode, long firstNodes, long flags) {}

    private final SandboxedProcess child = SandboxedProcess.start();
    private final MemoryRange memory = child.map(2 * RANGES * PAGE);
    private final List<Asked> asked = new ArrayList<>();

    /** The answer, by the address of the first range. */
    private LongUnaryOperator answer = _ -> -Linux.ENOSYS();

    private final Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> number == NUMBER
            ? processMbind((int) a0, a1, a2, (int) a3, a4, a5)
            : LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);

    private long processMbind(int pidFd, long vector, long size, int mode, long mask, long flags) {
        if (pidFd < 0) {
            return -Linux.EBADF();
        }
        if (mode != Linux.MPOL_BIND()) {
            return -Linux.EINVAL();
        }
        long address = word(vector);
        if (memory.contains(address)) {
            asked.add(new Asked(size, mode, word(mask), flags));
            return answer.applyAsLong(address);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment nodes = MemoryPolicies.mask(new long[] {word(mask)}, arena);
            long bytes = word(vector + Long.BYTES);
            return MemoryPolicies.bind(LinuxKernel.instance(), address, bytes, mode, nodes, (int) flags) == 0
                    ? bytes
                    : -Linux.EINVAL();
        }
    }

    private static long word(long address) {
        return MemorySegment.ofAddress(address).reinterpret(Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
    }

    @BeforeEach
    void configure() {
        System.setProperty(ProcessMbind.NUMBER, Integer.toString(NUMBER));
    }

    @AfterEach
    void end() {
        System.clearProperty(ProcessMbind.NUMBER);
        child.close();
    }

    private static MemoryRange range(MemoryRange of, int index) {
        return MemoryRange.of(of.address() + 2L * index * PAGE, PAGE);
    }

    private PlacementOutcome place(MemoryPolicy policy) {
        try (RemoteMemory remote = RemoteMemory.open(child.pid(), kernel)) {
            MemoryRange[] ranges = new MemoryRange[RANGES];
            for (int i = 0; i < RANGES; i++) {
                ranges[i] = range(memory, i);
            }
            return remote.ranges(ranges).place(policy);
        }
    }

    @Test
    void oneCallTakesAllRanges() {
        answer = _ -> RANGES * PAGE;
        PlacementOutcome outcome = place(HERE);
        assertThat(outcome).isInstanceOf(PlacementOutcome.Complete.class);
        assertThat(outcome.mechanism()).contains(Mechanism.KERNEL);
        assertThat(asked).containsExactly(new Asked(RANGES, Linux.MPOL_BIND(), 1, Linux.MPOL_MF_MOVE()));
    }

    @Test
    void nothingIsConfirmedThatTheProcessDoesNotShow() {
        answer = _ -> RANGES * PAGE;
        var complete = (PlacementOutcome.Complete) place(HERE);
        assertThat(complete.figures().confirmedBytes())
                .as("this kernel claims to have placed, and has not")
                .isZero();
    }

    @Test
    void behindWhatTheKernelDidItGoesOnAndPastWhatItRefuses() {
        long refused = range(memory, 2).address();
        answer = address -> address == refused ? -Linux.ENOMEM() : PAGE;
        PlacementOutcome outcome = place(HERE);
        assertThat(outcome.parts())
                .containsExactly(
                        new PlacedRange.Placed(range(memory, 0)),
                        new PlacedRange.Placed(range(memory, 1)),
                        new PlacedRange.Skipped(range(memory, 2), SkipReason.OUT_OF_MEMORY, Linux.ENOMEM()),
                        new PlacedRange.Placed(range(memory, 3)));
    }

    @Test
    void aProcessThatEndsMidwayKeepsWhatWasDone() {
        answer = address -> address == memory.address() ? PAGE : -Linux.ESRCH();
        PlacementOutcome outcome = place(HERE);
        assertThat(outcome).isInstanceOf(PlacementOutcome.ProcessGone.class);
        assertThat(outcome.parts().getFirst()).isEqualTo(new PlacedRange.Placed(range(memory, 0)));
        assertThat(outcome.parts().getLast()).isEqualTo(new PlacedRange.NotReached(range(memory, 3)));
    }

    @Test
    void aRefusalIsAnExceptionThatNamesTheCall() {
        answer = _ -> -Linux.EPERM();
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> place(HERE))
                .withMessageContaining("process_mbind(process ")
                .withMessageContaining("EPERM");
    }

    @Test
    void aHomeNodeIsNotSilentlyLeftOut() {
        assertThatExceptionOfType(UnsupportedKernelException.class)
                .isThrownBy(() -> place(MemoryPolicy.bind(NodeSet.of(0)).homeNode(0)))
                .withMessageContaining("home node");
        assertThat(asked).isEmpty();
    }
}
