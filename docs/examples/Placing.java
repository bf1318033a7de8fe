import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.InjectionObstacle;
import dev.remora.Mechanism;
import dev.remora.MigrationOutcome;
import dev.remora.MoveOutcome;
import dev.remora.OwnMemory;
import dev.remora.PageFate;
import dev.remora.PageLocations;
import dev.remora.Placement;
import dev.remora.PlacementOutcome;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.sandbox.SandboxedProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Places memory on NUMA nodes in all ways. It works on a host with one node, too, where nothing moves. */
final class Placing {

    private Placing() {}

    public static void main(String[] arguments) {
        // @start region=topology
        NumaTopology host = NumaTopology.ofThisHost();
        System.out.println(host);
        int far = host.nodesWithMemory().highest().getAsInt();
        // @end
        own(far);
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = child.map(8 * MiB);
            child.touch(range);
            look(memory, range);
            place(memory, range, far);
            move(memory, range, far);
        }
    }

    private static void own(int far) {
        // @start region=own
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(4 * MiB, 4096);
            PlacementOutcome outcome = OwnMemory.of(segment).place(MemoryPolicy.bind(NodeSet.of(far)));
            System.out.println(outcome);
            System.out.println("policy: " + OwnMemory.policyAt(segment.address()));
        }
        // @end
    }

    private static void look(RemoteMemory memory, MemoryRange range) {
        // @start region=nodes
        PageLocations where = memory.ranges(range).nodes();
        System.out.println(where.bytesByNode() + ", allowed: " + memory.allowedNodes());
        // @end
    }

    private static void place(RemoteMemory memory, MemoryRange range, int far) {
        // @start region=placement
        Placement placement = Placement.of(MemoryPolicy.preferred(far)).leavingPages();
        // @end
        System.out.println(placement);
        // @start region=place
        PlacementOutcome outcome = memory.ranges(range)
                .place(Placement.of(MemoryPolicy.bind(NodeSet.of(far))), Mechanism.INJECTED.suspendingSeccomp());
        System.out.println(outcome);
        // @end
        // @start region=outcome
        System.out.println(
                switch (outcome) {
                    case PlacementOutcome.Complete all ->
                        "confirmed: " + all.figures().confirmedBytes();
                    case PlacementOutcome.Partial some -> "left out: " + some.skippedBytes();
                    case PlacementOutcome.NotInjected not
                    when not.obstacle() == InjectionObstacle.TRACED ->
                        "traced by process " + not.tracerPid().getAsLong();
                    case PlacementOutcome.NotInjected not -> "not done: " + not.obstacle();
                    case PlacementOutcome.ProcessGone _ -> "it has ended";
                    case PlacementOutcome.NothingSelected _ -> "nothing to do";
                    case PlacementOutcome.LayoutChanged layout -> "not done: " + layout.changed();
                    case PlacementOutcome.InDoubt doubt -> "in doubt: " + doubt.doubtful();
                });
        // @end
    }

    private static void move(RemoteMemory memory, MemoryRange range, int far) {
        // @start region=move
        MoveOutcome moved = memory.ranges(range).moveTo(NodeSet.of(far));
        System.out.println(moved);
        System.out.println("shared with others: " + moved.pages().bytes(PageFate.SHARED));
        // @end
        // @start region=migrate
        MigrationOutcome migrated = memory.migrate(NodeSet.of(0), NodeSet.of(far));
        System.out.println(migrated);
        // @end
    }
}
