package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.Layout;
import dev.remora.procfs.RangeList;
import dev.remora.text.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A moment from which on writes to some memory of a process are told of: {@link Selection#mark()}, {@link
 * Selection#writtenSince(PageMark)}.
 */
public final class PageMark {

    private final long pid;

    /** In ascending order; those that touch are one. */
    private final RangeList ranges;

    PageMark(long pid, RangeList selected) {
        this.pid = pid;
        ranges = ascending(selected);
    }

    static RangeList ascending(RangeList selected) {
        List<MemoryRange> sorted = new ArrayList<>();
        for (int i = 0; i < selected.size(); i++) {
            if (!selected.leftOut(i)) {
                sorted.add(MemoryRange.of(selected.address(i), selected.byteSize(i)));
            }
        }
        sorted.sort(Comparator.comparingLong(MemoryRange::address));
        var joined = new JoinedRanges();
        long end = 0;
        for (MemoryRange range : sorted) {
            joined.add(Math.max(range.address(), end), range.end());
            end = Math.max(range.end(), end);
        }
        var ascending = new RangeList(sorted.size());
        joined.list().forEach(range -> ascending.add(range.address(), range.byteSize()));
        return ascending;
    }

    /** The same for what of it is mapped. */
    PageMark mapped(Layout layout) {
        return new PageMark(pid, layout.mapped(ranges));
    }

    /** The marked ranges, in ascending order. */
    RangeList marked() {
        return ranges;
    }

    /** Cuts ranges into what was marked and what was not. */
    void cut(RangeList selected, RangeList marked, JoinedRanges unmarked) {
        for (int i = 0; i < selected.size(); i++) {
            if (!selected.leftOut(i)) {
                cut(selected.address(i), selected.address(i) + selected.byteSize(i), marked, unmarked);
            }
        }
    }

    private void cut(long from, long to, RangeList marked, JoinedRanges unmarked) {
        long position = from;
        for (int i = ranges.firstEndingAfter(from); i < ranges.size() && position < to; i++) {
            long begin = Math.min(to, Math.max(position, ranges.address(i)));
            unmarked.add(position, begin);
            long end = Math.min(to, ranges.address(i) + ranges.byteSize(i));
            if (begin < end) {
                marked.add(begin, end - begin);
            }
            position = Math.max(begin, end);
        }
        unmarked.add(position, to);
    }

    /** {@return how many bytes of address space were marked} */
    public long markedBytes() {
        return ranges.totalBytes();
    }

    /** {@return what was marked, in one line} */
    @Override
    public String toString() {
        return "mark on " + Printable.count(ranges.size(), "range") + ", " + ByteSize.format(markedBytes())
                + " of process " + pid;
    }
}
