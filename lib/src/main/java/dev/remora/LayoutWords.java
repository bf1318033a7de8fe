package dev.remora;

import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.NodeSet;
import java.util.List;
import java.util.Optional;

/** What verbs say of a layout that has changed. */
final class LayoutWords {

    private LayoutWords() {}

    static LayoutGuard.Words<AdviceOutcome> of(Advice advice) {
        return new LayoutGuard.Words<>(
                () -> new AdviceOutcome.ProcessGone(advice, List.of(), 0, 0, 0),
                (changed, ranges) -> new AdviceOutcome.LayoutChanged(
                        advice,
                        ranges.stream()
                                .<RangeOutcome>map(RangeOutcome.NotReached::new)
                                .toList(),
                        bytes(ranges),
                        changed),
                AdviceOutcome.InDoubt::new);
    }

    static LayoutGuard.Words<PlacementOutcome> of(Placement placement, Mechanism mechanism) {
        return new LayoutGuard.Words<>(
                () -> new PlacementOutcome.ProcessGone(placement, Optional.of(mechanism), List.of(), 0, 0, 0),
                (changed, ranges) -> new PlacementOutcome.LayoutChanged(
                        placement,
                        Optional.of(mechanism),
                        ranges.stream()
                                .<PlacedRange>map(PlacedRange.NotReached::new)
                                .toList(),
                        bytes(ranges),
                        changed),
                PlacementOutcome.InDoubt::new);
    }

    static LayoutGuard.Words<MoveOutcome> of(NodeSet nodes) {
        return new LayoutGuard.Words<>(
                () -> new MoveOutcome.ProcessGone(nodes, PageTally.NONE),
                (changed, ranges) -> new MoveOutcome.LayoutChanged(
                        nodes,
                        PageTally.of(ranges.stream()
                                .map(range -> new MovedRange(range, PageFate.NOT_ATTEMPTED))
                                .toList()),
                        changed),
                MoveOutcome.InDoubt::new);
    }

    private static long bytes(List<MemoryRange> ranges) {
        return ranges.stream().mapToLong(MemoryRange::byteSize).sum();
    }
}
