package dev.remora.procfs;

import dev.remora.addressspace.MemoryRange;
import java.util.ArrayList;
import java.util.List;

/** The parts of a range, written down in the order in which they came. */
final class RecordedParts implements Layout.Parts {

    private final List<String> parts = new ArrayList<>();

    static List<String> of(String maps, long address, long byteSize) {
        return of(ScriptedProc.layout(maps), address, byteSize);
    }

    static List<String> of(Layout layout, long address, long byteSize) {
        var recorded = new RecordedParts();
        layout.split(address, byteSize, recorded);
        return recorded.parts;
    }

    @Override
    public void mapped(long address, long byteSize) {
        parts.add("mapped " + MemoryRange.of(address, byteSize));
    }

    @Override
    public void hole(long address, long byteSize) {
        parts.add("hole " + MemoryRange.of(address, byteSize));
    }
}
