package dev.remora.support;

import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.Mechanism;
import dev.remora.MigrationOutcome;
import dev.remora.MoveOutcome;
import dev.remora.OwnMemory;
import dev.remora.Placement;
import dev.remora.PlacementOutcome;
import dev.remora.RemoteMemory;
import dev.remora.UnsupportedKernelException;
import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.sandbox.SandboxedProcess;
import java.lang.foreign.Arena;
import java.util.List;

/** Memory on nodes: its own, that of others, and where it is. */
final class NumaFeatures {

    private static final NodeSet NODES = NumaTopology.ofThisHost().nodesWithMemory();
    private static final NodeSet LAST = NodeSet.of(NODES.highest().orElseThrow());

    private NumaFeatures() {}

    static List<Feature> all() {
        return List.of(
                new Feature(
                        "own memory: bind, preferred, interleave, local",
                        (_, _) -> own(
                                MemoryPolicy.bind(LAST),
                                MemoryPolicy.preferred(LAST.highest().orElseThrow()),
                                MemoryPolicy.interleave(NODES),
                                MemoryPolicy.local())),
                new Feature("own memory: preferred many", (_, _) -> own(MemoryPolicy.preferredMany(NODES))),
                new Feature(
                        "own memory: NUMA balancing",
                        (_, _) -> own(MemoryPolicy.bind(NODES).numaBalancing())),
                new Feature(
                        "own memory: home node",
                        (_, _) -> own(
                                MemoryPolicy.bind(NODES).homeNode(LAST.highest().orElseThrow()))),
                new Feature("own memory: weighted interleave", (_, _) -> own(MemoryPolicy.weightedInterleave(NODES))),
                new Feature("where pages are", NumaFeatures::locate),
                new Feature("move pages", NumaFeatures::move),
                new Feature("migrate a process", NumaFeatures::migrate),
                new Feature(
                        "place, Mechanism.INJECTED",
                        (child, memory) -> place(child, memory, Mechanism.INJECTED.suspendingSeccomp())),
                new Feature("place, Mechanism.KERNEL", NumaFeatures::placeByKernel),
                new Feature("memory tiers", (_, _) -> tiers()));
    }

    private static Answer own(MemoryPolicy... policies) {
        try (Arena arena = Arena.ofConfined()) {
            for (MemoryPolicy policy : policies) {
                var segment = arena.allocate(MiB, 4096);
                if (!OwnMemory.of(segment).place(policy).complete()) {
                    return new Answer.Failed(policy.toString());
                }
            }
            return new Answer.Works();
        } catch (UnsupportedKernelException old) {
            return new Answer.Unsupported("needs Linux " + policies[0].firstKernel());
        }
    }

    private static MemoryRange touched(SandboxedProcess child) {
        MemoryRange range = child.map(4 * MiB);
        child.touch(range);
        return range;
    }

    private static Answer locate(SandboxedProcess child, RemoteMemory memory) {
        long found = memory.ranges(touched(child)).nodes().bytesByNode().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        return found == 4 * MiB ? new Answer.Works() : new Answer.Failed(found + " bytes found");
    }

    private static Answer move(SandboxedProcess child, RemoteMemory memory) {
        MemoryRange range = touched(child);
        MoveOutcome outcome = memory.ranges(range).moveTo(LAST);
        return outcome.complete() && memory.ranges(range).nodes().nodes().equals(LAST)
                ? new Answer.Works()
                : new Answer.Failed(outcome.toString());
    }

    private static Answer migrate(SandboxedProcess child, RemoteMemory memory) {
        MemoryRange range = touched(child);
        MigrationOutcome outcome = memory.migrate(NODES.without(LAST), LAST);
        return memory.ranges(range).nodes().nodes().equals(LAST)
                ? new Answer.Works()
                : new Answer.Failed(outcome.toString());
    }

    private static Answer place(SandboxedProcess child, RemoteMemory memory, Mechanism mechanism) {
        MemoryRange range = touched(child);
        PlacementOutcome outcome = memory.ranges(range).place(Placement.of(MemoryPolicy.bind(LAST)), mechanism);
        return outcome instanceof PlacementOutcome.Complete complete
                        && complete.figures().confirmedBytes() == 4 * MiB
                ? new Answer.Works()
                : new Answer.Failed(outcome.toString());
    }

    private static Answer placeByKernel(SandboxedProcess child, RemoteMemory memory) {
        try {
            return place(child, memory, Mechanism.KERNEL);
        } catch (UnsupportedKernelException none) {
            return new Answer.Unsupported("no released kernel has process_mbind");
        }
    }

    private static Answer tiers() {
        return NumaTopology.ofThisHost().memoryTiers().isEmpty()
                ? new Answer.Unsupported("the kernel tells no tiers (Linux 6.1, and a host that has some)")
                : new Answer.Works();
    }
}
