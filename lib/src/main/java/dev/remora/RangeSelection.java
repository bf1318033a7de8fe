package dev.remora;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.Architecture;
import dev.remora.text.Printable;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Ranges that the caller named, in the caller's order. They may touch and overlap; each is treated on its own. */
public final class RangeSelection extends Selection {

    private final RangeList ranges;

    /** What was taken as a whole the last time. */
    private volatile AdviceOutcome.@Nullable Complete last;

    /** What was so twice, and is made ready for more. */
    private volatile @Nullable RepeatedAdvice repeated;

    RangeSelection(RemoteMemory memory, Collection<MemoryRange> ranges) {
        this(memory, checked(ranges, memory.pageSize()));
    }

    RangeSelection(RemoteMemory memory, RangeList ranges) {
        this(memory, ranges, null);
    }

    private RangeSelection(RemoteMemory memory, RangeList ranges, @Nullable LayoutGuard guard) {
        super(memory, guard);
        this.ranges = ranges;
    }

    @Override
    public RangeSelection unlessChanged(AddressSpace before) {
        return new RangeSelection(
                memory(), ranges, new LayoutGuard(memory(), Objects.requireNonNull(before, "before")));
    }

    static RangeList checked(Collection<MemoryRange> ranges, long pageSize) {
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("No ranges were given: name at least one, or select with mappings()");
        }
        long end = Architecture.ofThisMachine().userSpaceEnd();
        var checked = new RangeList(ranges.size());
        long total = 0;
        for (MemoryRange range : ranges) {
            requireUserSpace(range, end);
            requireWholePages(range, pageSize);
            total += range.byteSize();
            if (total < 0) {
                throw new IllegalArgumentException("The ranges add up to more than " + ByteSize.format(Long.MAX_VALUE)
                        + ": split them over several selections");
            }
            checked.add(range.address(), range.byteSize());
        }
        return checked;
    }

    private static void requireUserSpace(MemoryRange range, long end) {
        if (range.address() < 0 || range.end() < 0 || range.end() > end) {
            throw new IllegalArgumentException("The range " + range + " is not in user space, which ends at 0x"
                    + Long.toHexString(end) + " at the latest: only the memory of the process itself can be advised");
        }
    }

    private static void requireWholePages(MemoryRange range, long pageSize) {
        if (((range.address() | range.byteSize()) & pageSize - 1) != 0) {
            long from = range.address() & -pageSize;
            long to = range.end() + pageSize - 1 & -pageSize;
            throw new IllegalArgumentException("The range " + range + " (" + range.byteSize()
                    + " bytes) does not consist of whole pages of " + pageSize + " bytes: the pages it touches are "
                    + MemoryRange.between(from, to));
        }
    }

    @Override
    List<String> readsToFind() {
        return List.of();
    }

    @Override
    RangeList ranges() {
        return ranges;
    }

    @Override
    @Nullable
    RepeatedAdvice repeated(Advice advice) {
        RepeatedAdvice known = repeated;
        return known != null && known.outcome().advice() == advice ? known : null;
    }

    /** Once it was not taken as a whole, it may not be the next time. */
    @Override
    void given(AdviceOutcome outcome) {
        if (guard() == null && outcome instanceof AdviceOutcome.Complete complete && ofRangesAlone(complete.advice())) {
            AdviceOutcome.Complete former = last;
            boolean again = former != null && former.advice() == complete.advice();
            repeated = again ? RepeatedAdvice.ifPossible(complete, ranges, memory().pageSize()) : null;
            last = complete;
        } else {
            repeated = null;
            last = null;
        }
    }

    /** Whether nothing but the ranges has to be looked at: not the swap, and not what is in RAM. */
    private static boolean ofRangesAlone(Advice advice) {
        return advice == Advice.COLD || advice == Advice.WILLNEED;
    }

    /** {@return what is selected, in one line} */
    @Override
    public String toString() {
        return Printable.count(ranges.size(), "range") + ", " + ByteSize.format(ranges.totalBytes()) + " of process "
                + memory().pid() + (guard() == null ? "" : LayoutGuard.WORDS);
    }
}
