package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory of this process, on a kernel whose answers to mbind are scripted. */
final class OwnMemoryTest {

    private static final long PAGE = 4096;
    private static final long SIZE = 16 * PAGE;
    private static final MemoryPolicy HERE = MemoryPolicy.bind(NodeSet.of(0));

    private record Call(Syscall name, long address, long byteSize, long modeOrNode, long firstNodes, long flags) {}

    private final Arena arena = Arena.ofShared();
    private final MemorySegment first = arena.allocate(SIZE, PAGE);
    private final MemorySegment second = arena.allocate(SIZE, PAGE);
    private final List<Call> calls = new ArrayList<>();
    private final Map<Long, Integer> errors = new HashMap<>();
    private final Map<Long, Integer> homeErrors = new HashMap<>();

    /** What a page of Remora's own is refused with, on which it tries policies. */
    private int refusesAll;

    private final Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> answer(number, a0, a1, a2, a3, a4, a5)
            .orElseGet(() -> LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5));

    private OptionalLong answer(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        boolean binds = number == Syscall.MBIND.number();
        if (!binds && number != Syscall.SET_MEMPOLICY_HOME_NODE.number()) {
            return OptionalLong.empty();
        }
        if (!isIn(first, a0) && !isIn(second, a0)) {
            return OptionalLong.of(-refusesAll);
        }
        calls.add(
                binds
                        ? new Call(Syscall.MBIND, a0, a1, a2, nodes(a3, a4), a5)
                        : new Call(Syscall.SET_MEMPOLICY_HOME_NODE, a0, a1, a2, 0, a3));
        return OptionalLong.of(-(binds ? errors : homeErrors).getOrDefault(a0, 0));
    }

    private static boolean isIn(MemorySegment segment, long address) {
        return address >= segment.address() && address < segment.address() + segment.byteSize();
    }

    private static long nodes(long address, long bits) {
        assertThat(bits).isEqualTo(MemoryPolicies.MASK_BITS);
        return MemorySegment.ofAddress(address).reinterpret(Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
    }

    @AfterEach
    void free() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private OwnMemory memory() {
        return OwnMemory.of(kernel, List.of(first, second));
    }

    private static Call bind(MemorySegment segment, int flags) {
        return new Call(Syscall.MBIND, segment.address(), SIZE, Linux.MPOL_BIND(), 1, flags);
    }

    private static MemoryRange range(MemorySegment segment) {
        return MemoryRange.of(segment.address(), segment.byteSize());
    }

    private void refuse(MemorySegment segment, int errno) {
        errors.put(segment.address(), errno);
    }

    @Test
    void eachSegmentIsBoundByACallOfItsOwn() {
        PlacementOutcome outcome = memory().place(HERE);
        assertThat(outcome).isInstanceOf(PlacementOutcome.Complete.class);
        assertThat(outcome.parts())
                .containsExactly(new PlacedRange.Placed(range(first)), new PlacedRange.Placed(range(second)));
        assertThat(outcome.mechanism()).isEmpty();
        assertThat(calls).containsExactly(bind(first, Linux.MPOL_MF_MOVE()), bind(second, Linux.MPOL_MF_MOVE()));
    }

    @Test
    void whatBecomesOfPagesIsTheKernelsFlags() {
        var _ = memory().place(Placement.of(HERE).leavingPages());
        var _ = memory().place(Placement.of(HERE).movingSharedPages());
        var _ = memory().place(Placement.of(HERE).strictly());
        assertThat(calls)
                .extracting(Call::flags)
                .containsExactly(
                        0L,
                        0L,
                        (long) Linux.MPOL_MF_MOVE_ALL(),
                        (long) Linux.MPOL_MF_MOVE_ALL(),
                        (long) (Linux.MPOL_MF_MOVE() | Linux.MPOL_MF_STRICT()),
                        (long) (Linux.MPOL_MF_MOVE() | Linux.MPOL_MF_STRICT()));
    }

    @Test
    void aHomeNodeIsSetAfterThePolicy() {
        var _ = memory().place(MemoryPolicy.bind(NodeSet.of(0)).homeNode(0));
        assertThat(calls)
                .containsExactly(
                        bind(first, Linux.MPOL_MF_MOVE()),
                        new Call(Syscall.SET_MEMPOLICY_HOME_NODE, first.address(), SIZE, 0, 0, 0),
                        bind(second, Linux.MPOL_MF_MOVE()),
                        new Call(Syscall.SET_MEMPOLICY_HOME_NODE, second.address(), SIZE, 0, 0, 0));
    }

    @Test
    void aHomeNodeThatIsRefusedLeavesThePolicySet() {
        homeErrors.put(first.address(), Linux.ENOMEM());
        PlacementOutcome outcome =
                memory().place(MemoryPolicy.bind(NodeSet.of(0)).homeNode(0));
        assertThat(outcome).isInstanceOf(PlacementOutcome.Partial.class);
        assertThat(outcome.skippedBytes()).isEqualTo(SIZE);
        assertThat(outcome.parts())
                .containsExactly(
                        new PlacedRange.PlacedWithoutHomeNode(range(first), Linux.ENOMEM()),
                        new PlacedRange.Placed(range(second)));
        assertThat(outcome).asString().contains("placed, but without the home node: ENOMEM");
    }

    @Test
    void pagesElsewhereKeepAStrictPolicyFromBeingSet() {
        refuse(first, Linux.EIO());
        PlacementOutcome outcome =
                memory().place(Placement.of(HERE).leavingPages().strictly());
        assertThat(outcome).isInstanceOf(PlacementOutcome.Partial.class);
        assertThat(outcome.parts().getLast()).isEqualTo(new PlacedRange.Placed(range(second)));
        assertThat(outcome.parts().getFirst())
                .isEqualTo(new PlacedRange.Skipped(range(first), SkipReason.PAGES_ELSEWHERE, Linux.EIO()));
    }

    @Test
    void pagesThatDoNotMoveLeaveAStrictPolicySet() {
        refuse(second, Linux.EIO());
        PlacementOutcome outcome = memory().place(Placement.of(HERE).strictly());
        assertThat(outcome.parts())
                .containsExactly(new PlacedRange.Placed(range(first)), new PlacedRange.PlacedNotMoved(range(second)));
    }

    @ParameterizedTest
    @CsvSource({"12, OUT_OF_MEMORY", "14, LAYOUT_CHANGED", "22, REFUSED"})
    void aRefusedSegmentDoesNotHoldUpTheOthers(int errno, SkipReason reason) {
        refuse(first, errno);
        PlacementOutcome outcome = memory().place(HERE);
        assertThat(outcome).isInstanceOf(PlacementOutcome.Partial.class);
        assertThat(outcome.parts().getFirst()).isEqualTo(new PlacedRange.Skipped(range(first), reason, errno));
        assertThat(outcome.parts().getLast()).isEqualTo(new PlacedRange.Placed(range(second)));
    }

    @Test
    void theRightToMoveSharedPagesIsNamed() {
        refuse(first, Linux.EPERM());
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> memory().place(Placement.of(HERE).movingSharedPages()))
                .withMessageContaining("moving shared pages too")
                .satisfies(denied -> assertThat(denied.missingRights())
                        .as("that of an ordinary user, or what is left for one who has it")
                        .containsAnyOf(MissingRight.CAP_SYS_NICE, MissingRight.SECURITY_MODULE));
        assertThat(calls).extracting(Call::address).containsOnly(first.address());
    }

    @Test
    void aRightThatIsLostMidwayKeepsWhatWasDone() {
        refuse(second, Linux.EPERM());
        PlacementOutcome outcome = memory().place(HERE);
        assertThat(outcome.parts())
                .containsExactly(
                        new PlacedRange.Placed(range(first)),
                        new PlacedRange.Skipped(range(second), SkipReason.NOT_PERMITTED, Linux.EPERM()));
    }

    @Test
    void aKernelWithoutNumaIsToldApartFromOneThatIsTooOld() {
        refusesAll = Linux.ENOSYS();
        assertThatExceptionOfType(UnsupportedKernelException.class)
                .isThrownBy(() -> memory().place(HERE))
                .withMessageContaining("CONFIG_NUMA");
        refusesAll = Linux.EINVAL();
        assertThatExceptionOfType(UnsupportedKernelException.class)
                .isThrownBy(() -> memory().place(MemoryPolicy.weightedInterleave(NodeSet.of(0))))
                .withMessageContaining("needs Linux 6.9");
        assertThat(calls).as("on memory of the caller").isEmpty();
    }

    @Test
    void nodesThatThereAreNotAreRefusedUnasked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory().place(MemoryPolicy.bind(NodeSet.of(0, 1023))))
                .withMessageContaining("1023");
        assertThat(calls).isEmpty();
    }

    @Test
    void memoryThatCannotBePlacedIsRefusedWhenItIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OwnMemory.of(MemorySegment.ofArray(new long[512])))
                .withMessageContaining("Java heap");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OwnMemory.of(first.asSlice(0, 0)))
                .withMessageContaining("empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OwnMemory.of(first.asSlice(1, PAGE)))
                .withMessageContaining("page");
        assertThatIllegalArgumentException().isThrownBy(OwnMemory::of);
    }

    @Test
    void freedMemoryAndThatOfAnotherThreadIsLeftAlone() throws InterruptedException {
        OwnMemory freed = memory();
        arena.close();
        assertThatIllegalStateException().isThrownBy(() -> freed.place(HERE)).withMessageContaining("closed");
        var others = new ArrayList<OwnMemory>();
        Thread other = Thread.ofPlatform()
                .start(() -> others.add(
                        OwnMemory.of(kernel, List.of(Arena.ofConfined().allocate(SIZE, PAGE)))));
        other.join();
        assertThatExceptionOfType(WrongThreadException.class)
                .isThrownBy(() -> others.getFirst().place(HERE));
        assertThat(calls).isEmpty();
    }
}
