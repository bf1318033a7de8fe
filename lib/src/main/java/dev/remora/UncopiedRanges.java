package dev.remora;

import dev.remora.addressspace.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/** Collects what was not copied; neighbours within one range of the request with the same reason become one. */
final class UncopiedRanges {

    private final List<UncopiedRange> ranges = new ArrayList<>();

    void add(long address, long byteSize, boolean beginsRange, CopyObstacle obstacle) {
        UncopiedRange last = ranges.isEmpty() ? null : ranges.getLast();
        if (last != null
                && !beginsRange
                && last.obstacle() == obstacle
                && last.range().end() == address) {
            ranges.removeLast();
            ranges.add(new UncopiedRange(MemoryRange.between(last.range().address(), address + byteSize), obstacle));
        } else {
            ranges.add(new UncopiedRange(MemoryRange.of(address, byteSize), obstacle));
        }
    }

    List<UncopiedRange> list() {
        return ranges;
    }
}
