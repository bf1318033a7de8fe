package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.preconditions.KernelVersion;
import dev.remora.preconditions.RequiresNumaNodes;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.WithoutNumaBalancing;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the Linux Test Project asks of {@code mbind(2)} and {@code get_mempolicy(2)} (its cases {@code mbind01} to {@code
 * mbind04}, {@code get_mempolicy01} and {@code get_mempolicy02}), asked again of Remora; none of its code is here. What the
 * API rejects by itself is asked of the kernel too, by the call that the API spares.
 *
 * <p>Left out: of {@code get_mempolicy01} the policies of a thread, set by {@code set_mempolicy(2)}, because Remora sets and
 * reads those of memory only.
 */
@Tag("kernel")
@ExtendWith(WithoutNumaBalancing.class)
final class LtpMbindKernelTest {

    private static final NumaTopology HOST = NumaTopology.ofThisHost();
    private static final int NEAR = HOST.nodesWithMemory().stream().min().orElseThrow();
    private static final int FAR = HOST.nodesWithMemory().highest().orElseThrow();
    private static final NodeSet NODE = NodeSet.of(NEAR);
    private static final NodeSet NONE = NodeSet.empty();
    private static final long PAGE = OwnMapping.PAGE;
    private static final int NO_FLAGS = 0;
    private static final int ALL_BITS = -1;
    private static final Mechanism.Injected UNCONFINED = Mechanism.INJECTED.suspendingSeccomp();

    private final Kernel kernel = LinuxKernel.instance();

    private long mbind(int mode, NodeSet nodes, int flags) {
        try (OwnMapping mapping = OwnMapping.of(4 * PAGE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment mask = MemoryPolicies.mask(nodes.toLongArray(), arena);
            return MemoryPolicies.bind(kernel, mapping.address(), 4 * PAGE, mode, mask, flags);
        }
    }

    private static long onNode(int node, MemoryRange range) {
        try (RemoteMemory self = RemoteMemory.open(ProcessHandle.current().pid())) {
            return self.ranges(range).nodes().bytesOn(node);
        }
    }

    /** The policies that LTP goes through, with one node. */
    private static List<MemoryPolicy> to(int node) {
        NodeSet nodes = NodeSet.of(node);
        return List.of(MemoryPolicy.preferred(node), MemoryPolicy.bind(nodes), MemoryPolicy.interleave(nodes));
    }

    /** mbind01: default, bind, interleave and preferred are taken; get_mempolicy01: and told by address. */
    @Test
    void policiesForUntouchedMemoryAreReadBack() {
        List<MemoryPolicy> policies = List.of(
                MemoryPolicy.systemDefault(),
                MemoryPolicy.bind(NODE),
                MemoryPolicy.interleave(NODE),
                MemoryPolicy.preferred(NEAR));
        for (MemoryPolicy policy : policies) {
            try (OwnMapping mapping = OwnMapping.of(4 * PAGE)) {
                PlacementOutcome outcome =
                        mapping.memory().place(Placement.of(policy).leavingPages());
                assertThat(outcome).as(policy.toString()).isInstanceOf(PlacementOutcome.Complete.class);
                assertThat(OwnMemory.policyAt(mapping.address())).isEqualTo(policy);
            }
        }
    }

    /**
     * mbind01: a preferred node that is none, and local; get_mempolicy01: preferred without a node, by address. Up to Linux
     * 5.13 the kernel tells of both as of the first, since then as of the second.
     */
    @Test
    void preferringNoNodeAndLocalAreTheSame() {
        int told = KernelVersion.isAtLeast(5, 14) ? Linux.MPOL_LOCAL() : Linux.MPOL_PREFERRED();
        for (int mode : new int[] {Linux.MPOL_PREFERRED(), Linux.MPOL_LOCAL()}) {
            try (OwnMapping mapping = OwnMapping.of(4 * PAGE)) {
                assertThat(kernel.call(Syscall.MBIND, mapping.address(), 4 * PAGE, mode, 0, 0, NO_FLAGS))
                        .isZero();
                MemoryPolicies.Found found = MemoryPolicies.at(kernel, mapping.address());
                assertThat(found.mode()).as("for mode %d", mode).isEqualTo(told);
                assertThat(NodeSet.ofLongArray(found.nodes())).isEqualTo(NONE);
                assertThat(OwnMemory.policyAt(mapping.address())).isEqualTo(MemoryPolicy.local());
            }
        }
        try (OwnMapping mapping = OwnMapping.of(4 * PAGE)) {
            assertThat(mapping.memory().place(MemoryPolicy.local()).complete()).isTrue();
            assertThat(OwnMemory.policyAt(mapping.address())).isEqualTo(MemoryPolicy.local());
        }
    }

    /** mbind01: default and local with a node; in the API they have none to give. */
    @Test
    void policiesWithoutNodesTakeNone() {
        assertThat(mbind(Linux.MPOL_DEFAULT(), NODE, NO_FLAGS)).isEqualTo(-Linux.EINVAL());
        assertThat(mbind(Linux.MPOL_LOCAL(), NODE, NO_FLAGS)).isEqualTo(-Linux.EINVAL());
        assertThat(MemoryPolicy.systemDefault().nodes()).isEqualTo(NONE);
        assertThat(MemoryPolicy.local().nodes()).isEqualTo(NONE);
    }

    /** mbind01: bind and interleave without nodes. */
    @Test
    void policiesWithNodesNeedSome() {
        assertThat(mbind(Linux.MPOL_BIND(), NONE, NO_FLAGS)).isEqualTo(-Linux.EINVAL());
        assertThat(mbind(Linux.MPOL_INTERLEAVE(), NONE, NO_FLAGS)).isEqualTo(-Linux.EINVAL());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryPolicy.bind(NONE))
                .withMessageContaining("node");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryPolicy.interleave(NONE))
                .withMessageContaining("node");
    }

    /** mbind01: a mode that there is not, and flags that there are not. */
    @Test
    void modesAndFlagsThatDoNotExistAreInvalid() {
        assertThat(mbind(ALL_BITS, NONE, NO_FLAGS)).isEqualTo(-Linux.EINVAL());
        assertThat(mbind(Linux.MPOL_DEFAULT(), NONE, ALL_BITS)).isEqualTo(-Linux.EINVAL());
        assertThat(mbind(Linux.MPOL_DEFAULT(), NONE, NO_FLAGS)).isZero();
        assertThatIllegalStateException()
                .isThrownBy(() -> MemoryPolicy.of(ALL_BITS, NONE))
                .withMessageContaining("does not know");
    }

    /** mbind01: nodes at an address where there is nothing to read. */
    @Test
    void nodesThatCannotBeReadAreABadAddress() {
        try (OwnMapping mapping = OwnMapping.of(4 * PAGE)) {
            mapping.unmap(3);
            for (long mask : new long[] {mapping.withoutAccess(), mapping.page(3)}) {
                long result = kernel.call(
                        Syscall.MBIND,
                        mapping.address(),
                        PAGE,
                        Linux.MPOL_PREFERRED(),
                        mask,
                        MemoryPolicies.MASK_BITS,
                        NO_FLAGS);
                assertThat(result).isEqualTo(-Linux.EFAULT());
            }
        }
    }

    /** get_mempolicy02: an address where nothing is mapped, and flags that there are not. */
    @Test
    void aPolicyIsToldOfMappedMemoryOnly() {
        assertThatThrownBy(() -> MemoryPolicies.at(kernel, 0))
                .isInstanceOfSatisfying(
                        ErrnoException.class,
                        failure -> assertThat(failure.errno()).isEqualTo(Linux.EFAULT()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OwnMemory.policyAt(0))
                .withMessageContaining("Nothing is mapped at 0x0");
        assertThat(kernel.call(Syscall.GET_MEMPOLICY, 0, 0, 0, 0, ALL_BITS)).isEqualTo(-Linux.EINVAL());
    }

    /** mbind02: a page that is elsewhere makes a strict policy fail with EIO; here also that the former policy stays. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    void aStrictPolicyIsRefusedForAPageElsewhere() {
        for (MemoryPolicy policy : to(FAR)) {
            try (OwnMapping mapping = OwnMapping.of(PAGE)) {
                assertThat(mapping.memory().place(MemoryPolicy.bind(NODE)).complete())
                        .isTrue();
                mapping.touch();
                PlacementOutcome outcome = mapping.memory()
                        .place(Placement.of(policy).leavingPages().strictly());
                assertThat(outcome.parts()).as(policy.toString()).containsExactly(elsewhere(mapping.range()));
                assertThat(OwnMemory.policyAt(mapping.address())).isEqualTo(MemoryPolicy.bind(NODE));
                assertThat(onNode(NEAR, mapping.range())).isEqualTo(PAGE);
            }
        }
    }

    /** mbind02, for another process. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void aStrictPolicyIsRefusedForAPageElsewhereInAnotherProcess() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            for (MemoryPolicy policy : to(FAR)) {
                MemoryRange range = child.map(PAGE);
                child.touch(range);
                assertThat(memory.ranges(range).moveTo(NODE).complete()).isTrue();
                PlacementOutcome outcome = memory.ranges(range)
                        .place(Placement.of(policy).leavingPages().strictly(), UNCONFINED);
                assertThat(outcome.parts()).as(policy.toString()).containsExactly(elsewhere(range));
                assertThat(memory.ranges(range).nodes().bytesOn(NEAR)).isEqualTo(PAGE);
            }
        }
    }

    private static PlacedRange elsewhere(MemoryRange range) {
        return new PlacedRange.Skipped(range, SkipReason.PAGES_ELSEWHERE, Linux.EIO());
    }

    /** mbind03: a page that is there moves to the node of the policy, whichever of the two flags says so. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void aPageMovesToTheNodeOfThePolicy() {
        for (MemoryPolicy policy : to(FAR)) {
            for (Placement placement : moving(policy)) {
                try (OwnMapping mapping = OwnMapping.of(PAGE)) {
                    assertThat(mapping.memory().place(MemoryPolicy.bind(NODE)).complete())
                            .isTrue();
                    mapping.touch();
                    assertThat(onNode(NEAR, mapping.range())).isEqualTo(PAGE);
                    assertMovedAPage(mapping.memory().place(placement));
                    assertThat(onNode(FAR, mapping.range()))
                            .as(placement.toString())
                            .isEqualTo(PAGE);
                }
            }
        }
    }

    /** mbind03, for another process. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void aPageOfAnotherProcessMovesToTheNodeOfThePolicy() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            for (MemoryPolicy policy : to(FAR)) {
                for (Placement placement : moving(policy)) {
                    MemoryRange range = child.map(PAGE);
                    child.touch(range);
                    assertThat(memory.ranges(range).moveTo(NODE).complete()).isTrue();
                    assertMovedAPage(memory.ranges(range).place(placement, UNCONFINED));
                    assertThat(memory.ranges(range).nodes().bytesOn(FAR))
                            .as(placement.toString())
                            .isEqualTo(PAGE);
                }
            }
        }
    }

    private static List<Placement> moving(MemoryPolicy policy) {
        return List.of(Placement.of(policy), Placement.of(policy).movingSharedPages());
    }

    private static void assertMovedAPage(PlacementOutcome outcome) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        PlacementOutcome.Complete.class,
                        complete -> assertThat(complete.figures().movedBytes()).isEqualTo(PAGE));
    }

    /** mbind04: with each policy and each node, strict or not, new pages come from that node. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    void newPagesComeFromTheNodeOfThePolicy() {
        HOST.nodesWithMemory().stream().forEach(node -> {
            for (MemoryPolicy policy : to(node)) {
                Placement lax = Placement.of(policy).leavingPages();
                for (Placement placement : List.of(lax, lax.strictly())) {
                    try (OwnMapping mapping = OwnMapping.of(16 * PAGE)) {
                        assertThat(mapping.memory().place(placement).complete()).isTrue();
                        mapping.touch();
                        assertThat(onNode(node, mapping.range()))
                                .as(placement.toString())
                                .isEqualTo(16 * PAGE);
                    }
                }
            }
        });
    }

    /** mbind04: the same for pages of a child that was born afterwards, and of its parent. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void aChildInheritsThePolicy() throws IOException, InterruptedException {
        for (int node : new int[] {NEAR, FAR}) {
            for (MemoryPolicy policy : to(node)) {
                try (var testator = Specimen.start("testator", 16 * PAGE);
                        var memory = RemoteMemory.open(testator.numbers().getFirst())) {
                    MemoryRange range = MemoryRange.of(testator.numbers().getLast(), 16 * PAGE);
                    Placement placement = Placement.of(policy).leavingPages();
                    assertThat(memory.ranges(range).place(placement, Mechanism.INJECTED))
                            .isInstanceOf(PlacementOutcome.Complete.class);
                    testator.process().getOutputStream().write(1);
                    testator.process().getOutputStream().flush();
                    try (var heir = RemoteMemory.open(childOf(memory.pid()))) {
                        for (RemoteMemory either : List.of(memory, heir)) {
                            assertThat(whenTouched(either.ranges(range)).bytesOn(node))
                                    .as("%s in %d", policy, either.pid())
                                    .isEqualTo(16 * PAGE);
                        }
                    }
                }
            }
        }
    }

    private static ProcessHandle childOf(long pid) throws InterruptedException {
        ProcessHandle parent = ProcessHandle.of(pid).orElseThrow();
        while (parent.children().findAny().isEmpty()) {
            Thread.sleep(1);
        }
        return parent.children().findAny().orElseThrow();
    }

    private static PageLocations whenTouched(RangeSelection selection) throws InterruptedException {
        PageLocations where = selection.nodes();
        while (where.bytesByNode().values().stream().mapToLong(Long::longValue).sum() < 16 * PAGE) {
            Thread.sleep(1);
            where = selection.nodes();
        }
        return where;
    }
}
