package dev.remora;

import dev.remora.procfs.Layout;
import dev.remora.procfs.RangeList;
import java.util.BitSet;

/** A range cut at the borders of the mappings it covers: each part lies in one mapping, or is a hole. */
final class RangeParts implements Layout.Parts {

    private final RangeList ranges = new RangeList(4);
    private final BitSet holes = new BitSet();

    @Override
    public void mapped(long address, long byteSize) {
        ranges.add(address, byteSize);
    }

    @Override
    public void hole(long address, long byteSize) {
        holes.set(ranges.size());
        ranges.add(address, byteSize);
    }

    RangeList ranges() {
        return ranges;
    }

    boolean hole(int index) {
        return holes.get(index);
    }

    /** Whether one mapping covers the whole range. */
    boolean single() {
        return ranges.size() == 1 && !hole(0);
    }
}
