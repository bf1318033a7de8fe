package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.preconditions.RequiresNumaNodes;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.Skip;
import dev.remora.preconditions.WithoutNumaBalancing;
import dev.remora.sandbox.SandboxedProcess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What only a host with several NUMA nodes shows: memory that really goes from one to the other. */
@Tag("kernel")
@Tag("numa")
@RequiresNumaNodes
@RequiresRightToAdvise
@ExtendWith(WithoutNumaBalancing.class)
final class NumaKernelTest {

    private static final NumaTopology HOST = NumaTopology.ofThisHost();
    private static final int NEAR = HOST.nodesWithMemory().stream().min().orElseThrow();
    private static final int FAR = HOST.nodesWithMemory().highest().orElseThrow();
    private static final NodeSet TO_NEAR = NodeSet.of(NEAR);
    private static final NodeSet TO_FAR = NodeSet.of(FAR);
    private static final Mechanism.Injected UNCONFINED = Mechanism.INJECTED.suspendingSeccomp();

    /** A child with memory that is all on the near node. */
    private static MemoryRange onNear(SandboxedProcess child, RemoteMemory memory, long byteSize) {
        MemoryRange range = child.map(byteSize);
        child.touch(range);
        assertThat(memory.ranges(range).moveTo(TO_NEAR)).isInstanceOf(MoveOutcome.Complete.class);
        assertThat(memory.ranges(range).nodes().bytesOn(NEAR)).isEqualTo(byteSize);
        return range;
    }

    private static boolean kernelIsAtLeast(int major, int minor) {
        String[] version = System.getProperty("os.version").split("[.-]", 3);
        int here = Integer.parseInt(version[0]);
        return here > major || (here == major && Integer.parseInt(version[1]) >= minor);
    }

    private static long hugeBytes(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("AnonHugePages:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum();
        }
    }

    @Test
    void theTopologyIsThatOfTheMachine() {
        assertThat(HOST.nodes()).allSatisfy(node -> {
            assertThat(node.distanceTo(node.number())).isEqualTo(10);
            assertThat(node.memoryBytes()).isGreaterThan(256 * MiB);
        });
        assertThat(HOST.distance(NEAR, FAR)).isGreaterThan(10);
        assertThat(HOST.allowedNodes()).isEqualTo(HOST.nodesWithMemory());
    }

    @Test
    void pagesMoveThereAndBack() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = onNear(child, memory, 16 * MiB);
            MoveOutcome there = memory.ranges(range).moveTo(TO_FAR);
            assertThat(there).isInstanceOf(MoveOutcome.Complete.class);
            assertThat(there.movedBytes()).isEqualTo(16 * MiB);
            assertThat(memory.ranges(range).nodes().bytesOn(FAR)).isEqualTo(16 * MiB);
            MoveOutcome again = memory.ranges(range).moveTo(TO_FAR);
            assertThat(again.pages().bytes(PageFate.ALREADY_THERE)).isEqualTo(16 * MiB);
            assertThat(memory.ranges(range).moveTo(TO_NEAR).movedBytes()).isEqualTo(16 * MiB);
        }
    }

    @Test
    void hugePagesMoveAsWell() throws IOException {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = onNear(child, memory, 16 * MiB);
            if (kernelIsAtLeast(6, 1)) {
                var _ = memory.ranges(range).collapse();
            }
            long huge = hugeBytes(child.pid());
            MoveOutcome outcome = memory.ranges(range).moveTo(TO_FAR);
            assertThat(outcome).as("with %d bytes in huge pages", huge).isInstanceOf(MoveOutcome.Complete.class);
            assertThat(memory.ranges(range).nodes().bytesOn(FAR)).isEqualTo(16 * MiB);
        }
    }

    @Test
    void lookingBringsNothingIn() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = child.map(64 * MiB);
            PageLocations before = memory.ranges(range).nodes();
            assertThat(before.bytesByNode()).isEmpty();
            assertThat(before.parts()).containsExactly(new LocatedRange.NotPresent(range));
            assertThat(memory.ranges(range).nodes().bytesByNode()).as("still").isEmpty();
        }
    }

    @Test
    void severalNodesShareThePages() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = child.map(16 * MiB);
            child.touch(range);
            MoveOutcome outcome = memory.ranges(range).moveTo(NodeSet.of(NEAR, FAR));
            assertThat(outcome.pages().bytes(PageFate.ALREADY_THERE)
                            + outcome.pages().bytes(PageFate.MOVED))
                    .isEqualTo(16 * MiB);
        }
    }

    @Test
    void aWholeProcessMigrates() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = onNear(child, memory, 16 * MiB);
            assertThat(memory.migrate(TO_NEAR, TO_FAR)).isNotInstanceOf(MigrationOutcome.ProcessGone.class);
            assertThat(memory.ranges(range).nodes().bytesOn(FAR)).isEqualTo(16 * MiB);
        }
    }

    @Test
    void anInjectedPolicyMovesPagesAndHoldsForNewOnes() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = child.map(16 * MiB);
            MemoryRange first = MemoryRange.of(range.address(), 8 * MiB);
            child.touch(first);
            assertThat(memory.ranges(first).moveTo(TO_NEAR)).isInstanceOf(MoveOutcome.Complete.class);
            PlacementOutcome outcome = memory.ranges(range).place(MemoryPolicy.bind(TO_FAR), UNCONFINED);
            assertThat(outcome).isInstanceOf(PlacementOutcome.Complete.class);
            PlacementFigures figures = ((PlacementOutcome.Complete) outcome).figures();
            assertThat(figures.confirmedBytes()).isEqualTo(16 * MiB);
            assertThat(figures.movedBytes()).isEqualTo(8 * MiB);
            child.touch(range);
            assertThat(memory.ranges(range).nodes().bytesOn(FAR)).isEqualTo(16 * MiB);
        }
    }

    @Test
    void aPolicyAloneLeavesPagesWhereTheyAre() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = onNear(child, memory, 4 * MiB);
            Placement placement = Placement.of(MemoryPolicy.bind(TO_FAR)).leavingPages();
            assertThat(memory.ranges(range).place(placement, UNCONFINED)).isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(memory.ranges(range).nodes().bytesOn(NEAR)).isEqualTo(4 * MiB);
        }
    }

    @Test
    void strictWithoutMovingLeavesThePolicyAsItWas() throws IOException {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = onNear(child, memory, 4 * MiB);
            Placement placement =
                    Placement.of(MemoryPolicy.bind(TO_FAR)).leavingPages().strictly();
            PlacementOutcome outcome = memory.ranges(range).place(placement, UNCONFINED);
            assertThat(outcome.parts()).containsExactly(new PlacedRange.Skipped(range, SkipReason.PAGES_ELSEWHERE, 5));
            assertThat(Files.readString(Path.of("/proc/" + child.pid() + "/numa_maps")))
                    .doesNotContain("bind:" + FAR);
        }
    }

    @Test
    void strictWithMovingIsSatisfiedOncePagesHaveMoved() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = onNear(child, memory, 4 * MiB);
            Placement placement = Placement.of(MemoryPolicy.bind(TO_FAR)).strictly();
            assertThat(memory.ranges(range).place(placement, UNCONFINED)).isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(memory.ranges(range).nodes().bytesOn(FAR)).isEqualTo(4 * MiB);
        }
    }

    @Test
    void manyRangesArePlacedThroughOneStopAndNothingBetweenThem() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            long page = memory.pageSize();
            MemoryRange all = child.mapMemfd("small pages", 2000 * page);
            child.touch(all);
            assertThat(memory.ranges(all).moveTo(TO_NEAR)).isInstanceOf(MoveOutcome.Complete.class);
            List<MemoryRange> everySecond = new ArrayList<>();
            for (int i = 0; i < 2000; i += 2) {
                everySecond.add(MemoryRange.of(all.address() + i * page, page));
            }
            assertThat(memory.ranges(everySecond).place(MemoryPolicy.bind(TO_FAR), UNCONFINED))
                    .isInstanceOf(PlacementOutcome.Complete.class);
            PageLocations where = memory.ranges(all).nodes();
            assertThat(where.bytesOn(FAR)).isEqualTo(1000 * page);
            assertThat(where.bytesOn(NEAR)).isEqualTo(1000 * page);
        }
    }

    @Test
    void ownMemoryGoesWhereThePolicySays() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(8 * MiB, 4096);
            assertThat(OwnMemory.of(segment).place(MemoryPolicy.bind(TO_FAR)).complete())
                    .isTrue();
            segment.fill((byte) 1);
            try (RemoteMemory self = RemoteMemory.open(ProcessHandle.current().pid())) {
                MemoryRange range = MemoryRange.of(segment.address(), segment.byteSize());
                assertThat(self.ranges(range).nodes().bytesOn(FAR)).isEqualTo(8 * MiB);
                PlacementOutcome back = OwnMemory.of(segment).place(MemoryPolicy.bind(TO_NEAR));
                assertThat(((PlacementOutcome.Complete) back).figures().movedBytes())
                        .isEqualTo(8 * MiB);
                assertThat(self.ranges(range).nodes().bytesOn(NEAR)).isEqualTo(8 * MiB);
            }
        }
    }

    @Test
    void everyPolicyThatTheKernelKnowsIsSetAndReadBack() {
        NodeSet both = NodeSet.of(NEAR, FAR);
        List<MemoryPolicy> policies = new ArrayList<>(List.of(
                MemoryPolicy.systemDefault(),
                MemoryPolicy.local(),
                MemoryPolicy.preferred(FAR),
                MemoryPolicy.preferred(FAR).staticNodes(),
                MemoryPolicy.bind(both),
                MemoryPolicy.bind(TO_FAR).staticNodes(),
                MemoryPolicy.bind(NodeSet.of(0)).relativeNodes(),
                MemoryPolicy.interleave(both),
                MemoryPolicy.interleave(both).staticNodes()));
        if (kernelIsAtLeast(5, 15)) {
            policies.add(MemoryPolicy.preferredMany(both));
            policies.add(MemoryPolicy.bind(both).numaBalancing());
        }
        if (kernelIsAtLeast(6, 9)) {
            policies.add(MemoryPolicy.weightedInterleave(both));
        }
        try (Arena arena = Arena.ofConfined()) {
            for (MemoryPolicy policy : policies) {
                MemorySegment segment = arena.allocate(MiB, 4096);
                assertThat(OwnMemory.of(segment).place(policy).complete())
                        .as(policy.toString())
                        .isTrue();
                assertThat(OwnMemory.policyAt(segment.address())).isEqualTo(policy);
            }
        }
    }

    @Test
    void aHomeNodeIsTakenFromLinux517On() {
        MemoryPolicy policy = MemoryPolicy.bind(NodeSet.of(NEAR, FAR)).homeNode(FAR);
        try (Arena arena = Arena.ofConfined()) {
            OwnMemory memory = OwnMemory.of(arena.allocate(MiB, 4096));
            if (kernelIsAtLeast(5, 17)) {
                assertThat(memory.place(policy).complete()).isTrue();
            } else {
                assertThatExceptionOfType(UnsupportedKernelException.class)
                        .isThrownBy(() -> memory.place(policy))
                        .withMessageContaining("5.17");
            }
        }
    }

    @Test
    void whatAKernelDoesNotKnowIsNamedWithTheFirstThatDoes() {
        Skip.unless(!kernelIsAtLeast(6, 9), "this kernel knows all policies");
        try (Arena arena = Arena.ofConfined()) {
            OwnMemory memory = OwnMemory.of(arena.allocate(MiB, 4096));
            assertThatExceptionOfType(UnsupportedKernelException.class)
                    .isThrownBy(() -> memory.place(MemoryPolicy.weightedInterleave(TO_FAR)))
                    .withMessageContaining("6.9");
        }
    }

    @Test
    void nodesThatDoNotExistAreRefused() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = child.map(MiB);
            NodeSet none = NodeSet.of(FAR + 1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.ranges(range).moveTo(none))
                    .withMessageContaining("no node " + none);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.ranges(range).place(MemoryPolicy.bind(none), UNCONFINED));
            assertThatIllegalArgumentException().isThrownBy(() -> memory.migrate(TO_NEAR, none));
        }
    }

    @Test
    void aKernelWithProcessMbindPlacesByItself() {
        Skip.unless(System.getProperty("dev.remora.processMbind") != null, "this kernel has no process_mbind");
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = onNear(child, memory, 8 * MiB);
            child.unmap(MemoryRange.of(range.address() + 4 * MiB, MiB));
            PlacementOutcome outcome = memory.ranges(range).place(MemoryPolicy.bind(TO_FAR));
            assertThat(outcome.mechanism()).contains(Mechanism.KERNEL);
            assertThat(outcome.placedBytes()).isEqualTo(7 * MiB);
            assertThat(outcome.skippedBytes()).isEqualTo(MiB);
            assertThat(((PlacementOutcome.Partial) outcome).figures().confirmedBytes())
                    .isEqualTo(7 * MiB);
            assertThat(memory.ranges(range).nodes().bytesOn(FAR)).isEqualTo(7 * MiB);
        }
    }
}
