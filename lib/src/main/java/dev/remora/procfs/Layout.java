package dev.remora.procfs;

/** Where a process had something mapped when the layout was read. */
public final class Layout {

    /** Is shown what is mapped. */
    interface Parts {
        void part(long from, long to);
    }

    private final RangeList mappings;

    private Layout(RangeList mappings) {
        this.mappings = mappings;
    }

    /** Reads {@code maps}, or throws {@link dev.remora.syscall.ErrnoException}. */
    public static Layout read(ProcDirectory process) {
        return new Layout(MapsCursor.collect(
                process, () -> new RangeList(256), (ranges, maps) -> ranges.add(maps.address(), maps.byteSize())));
    }

    /** Says whether something is mapped at an address. */
    public boolean mapped(long address) {
        return mappings.covers(address);
    }

    /** The parts of ranges of user space where something is mapped. */
    public RangeList mapped(RangeList ranges) {
        var mapped = new RangeList(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            long from = ranges.address(i);
            forEachMapped(from, from + ranges.byteSize(i), (begin, end) -> mapped.add(begin, end - begin));
        }
        return mapped;
    }

    /** Shows the parts of a range of user space where something is mapped. */
    void forEachMapped(long from, long to, Parts parts) {
        RangeList all = split(from, to - from);
        for (int i = 0; i < all.size(); i++) {
            if (!all.leftOut(i)) {
                parts.part(all.address(i), all.address(i) + all.byteSize(i));
            }
        }
    }

    /** Cuts a range of user space at the borders of the mappings; holes are left out. */
    public RangeList split(long address, long byteSize) {
        var parts = new RangeList(4);
        long end = address + byteSize;
        long position = address;
        for (int i = mappings.firstEndingAfter(address); position < end && i < mappings.size(); i++) {
            long mappedFrom = Math.max(position, Math.min(end, mappings.address(i)));
            if (mappedFrom > position) {
                parts.addLeftOut(position, mappedFrom - position);
            }
            long mappedTo = Math.min(end, mappings.address(i) + mappings.byteSize(i));
            if (mappedTo > mappedFrom) {
                parts.add(mappedFrom, mappedTo - mappedFrom);
            }
            position = Math.max(mappedFrom, mappedTo);
        }
        if (position < end) {
            parts.addLeftOut(position, end - position);
        }
        return parts;
    }
}
