package dev.remora.procfs;

/** Where a process had something mapped when the layout was read. */
public final class Layout {

    /** Takes the parts of a range one after the other, in ascending order. */
    public interface Parts {

        /** A part that one mapping covers. */
        void mapped(long address, long byteSize);

        /** A part where nothing is mapped. */
        void hole(long address, long byteSize);
    }

    private final RangeList mappings;

    private Layout(RangeList mappings) {
        this.mappings = mappings;
    }

    /** Reads {@code maps}, or throws {@link dev.remora.syscall.ErrnoException}. */
    public static Layout read(ProcDirectory process) {
        var mappings = new RangeList(256);
        MapsCursor.forEach(process, maps -> mappings.add(maps.address(), maps.byteSize()));
        return new Layout(mappings);
    }

    /** Cuts a range of user space at the borders of the mappings. */
    public void split(long address, long byteSize, Parts parts) {
        long end = address + byteSize;
        long position = address;
        for (int i = mappings.firstEndingAfter(address); position < end && i < mappings.size(); i++) {
            long mappedFrom = Math.max(position, Math.min(end, mappings.address(i)));
            if (mappedFrom > position) {
                parts.hole(position, mappedFrom - position);
            }
            long mappedTo = Math.min(end, mappings.address(i) + mappings.byteSize(i));
            if (mappedTo > mappedFrom) {
                parts.mapped(mappedFrom, mappedTo - mappedFrom);
            }
            position = Math.max(mappedFrom, mappedTo);
        }
        if (position < end) {
            parts.hole(position, end - position);
        }
    }
}
