package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeNumbers;
import dev.remora.numa.NodeSet;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.NumaMaps;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Places ranges of a process, and looks from outside at what became of that. */
final class PlacementRun {

    private final PinnedProcess process;
    private final Placement placement;
    private final Optional<Mechanism> mechanism;
    private final NodeSet allowed;
    private final long pageSize;

    PlacementRun(
            PinnedProcess process, Placement placement, Optional<Mechanism> mechanism, NodeSet allowed, long pageSize) {
        this.process = process;
        this.placement = placement;
        this.mechanism = mechanism;
        this.allowed = allowed;
        this.pageSize = pageSize;
    }

    PlacementOutcome over(RangeList ranges, PlacementVerb verb) {
        if (ranges.size() == 0) {
            return new PlacementOutcome.NothingSelected(placement, mechanism);
        }
        NumaMaps before = placement.movesPages() ? NumaMaps.read(process.directory()) : null;
        var control = new RunControl();
        var run = new RangeRun<>(verb, pageSize, control);
        RangeLedger<PlacedRange> ledger;
        try {
            ledger = run.over(ranges);
        } finally {
            verb.finish();
        }
        List<PlacedRange> parts = ledger.parts();
        long placed = ledger.bytes(Tally.DONE);
        long skipped = ledger.bytes(Tally.SKIPPED);
        if (control.end() == RunControl.End.PROCESS_GONE) {
            return new PlacementOutcome.ProcessGone(
                    placement, mechanism, parts, placed, skipped, ledger.bytes(Tally.NOT_REACHED));
        }
        PlacementFigures figures = figures(parts, before, verb.standstill());
        return skipped == 0
                ? new PlacementOutcome.Complete(placement, mechanism, parts, placed, figures)
                : new PlacementOutcome.Partial(placement, mechanism, parts, placed, skipped, figures);
    }

    private PlacementFigures figures(List<PlacedRange> parts, @Nullable NumaMaps before, Duration standstill) {
        NumaMaps after;
        try {
            after = NumaMaps.read(process.directory());
        } catch (ErrnoException goneSince) {
            return new PlacementFigures(0, 0, standstill);
        }
        long confirmed = 0;
        Set<Long> mappings = new TreeSet<>(Long::compareUnsigned);
        for (PlacedRange part : parts) {
            boolean whole = part instanceof PlacedRange.Placed || part instanceof PlacedRange.PlacedNotMoved;
            MemoryRange range = part.range();
            confirmed += whole && shows(after, range) ? range.byteSize() : 0;
            if (before != null && (whole || part instanceof PlacedRange.PlacedWithoutHomeNode)) {
                mappings.add(before.beginning(range.address()));
            }
        }
        return new PlacementFigures(confirmed, before == null ? 0 : moved(mappings, before, after), standstill);
    }

    private boolean shows(NumaMaps maps, MemoryRange range) {
        List<String> policies = maps.policies(range.address(), range.byteSize());
        return !policies.isEmpty() && policies.stream().distinct().allMatch(this::isThePolicy);
    }

    private boolean isThePolicy(String text) {
        MemoryPolicy shown;
        try {
            shown = MemoryPolicy.parse(text);
        } catch (IllegalArgumentException unknown) {
            return false;
        }
        MemoryPolicy policy = placement.policy();
        return shown.getClass() == policy.getClass()
                && (policy.nodeNumbers() == NodeNumbers.RELATIVE
                        || shown.nodes().equals(policy.nodes().intersection(allowed)));
    }

    /** What the nodes have more than before, within the span of each mapping that there was. */
    private static long moved(Set<Long> mappings, NumaMaps before, NumaMaps after) {
        long moved = 0;
        for (long from : mappings) {
            long to = before.nextBeginning(from + 1);
            Map<Integer, Long> had = before.bytesOfNodes(from, to);
            for (var node : after.bytesOfNodes(from, to).entrySet()) {
                moved += Math.max(0, node.getValue() - had.getOrDefault(node.getKey(), 0L));
            }
        }
        return moved;
    }
}
