package dev.remora;

import dev.remora.addressspace.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/** Collects ranges of pages; a range that begins where the one before ends goes on with it. */
final class JoinedRanges {

    private final List<MemoryRange> ranges = new ArrayList<>();
    private long from;
    private long to;

    void add(long begin, long end) {
        if (begin >= end) {
            return;
        }
        if (from < to && begin == to) {
            to = end;
        } else {
            finish();
            from = begin;
            to = end;
        }
    }

    private void finish() {
        if (from < to) {
            ranges.add(MemoryRange.between(from, to));
        }
        from = 0;
        to = 0;
    }

    List<MemoryRange> list() {
        finish();
        return List.copyOf(ranges);
    }
}
