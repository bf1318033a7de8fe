package dev.remora.procfs;

import dev.remora.addressspace.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/** The parts of a range, written down in the order in which they came. */
final class RecordedParts {

    private RecordedParts() {}

    static List<String> of(String maps, long address, long byteSize) {
        RangeList parts = ScriptedProc.layout(maps).split(address, byteSize);
        List<String> recorded = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            String kind = parts.leftOut(i) ? "hole " : "mapped ";
            recorded.add(kind + MemoryRange.of(parts.address(i), parts.byteSize(i)));
        }
        return recorded;
    }
}
