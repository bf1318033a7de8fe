import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.MappingSelection;
import dev.remora.RangeSelection;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.util.List;

/** Selects memory of a child in several ways, and shows what matches. */
final class Selections {

    private Selections() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            child.mapMemfd("java_heap", 32 * MiB);
            show(memory, child.map(16 * MiB));
        }
    }

    private static void show(RemoteMemory memory, MemoryRange range) {
        MemoryRange firstHalf = MemoryRange.of(range.address(), range.byteSize() / 2);
        // @start region=selections
        MappingSelection all = memory.mappings();
        MappingSelection heapsAndStacks = all.anonymous().writable();
        MappingSelection heapOfZgc = all.named("/memfd:java_heap*"); // shared memory, so not anonymous
        MappingSelection inOneRange = heapsAndStacks.within(firstHalf); // mappings are cut at its borders
        MappingSelection large = all.writable().atLeast(16 * MiB);
        MappingSelection code =
                all.named("*.so*").where(mapping -> mapping.protection().executable());
        // @end
        for (MappingSelection selection : List.of(heapsAndStacks, heapOfZgc, inOneRange, large, code)) {
            System.out.println(selection);
            System.out.println(selection.matching());
        }
        // @start region=ranges
        RangeSelection exactly = memory.ranges(firstHalf, range); // they may overlap, touch, and have holes
        // @end
        System.out.println(exactly);
    }
}
