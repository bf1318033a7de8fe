import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.MappingSelection;
import dev.remora.RemoteMemory;
import dev.remora.UnsupportedKernelException;
import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.AddressSpaceUse;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingKind;
import dev.remora.addressspace.MappingNodes;
import dev.remora.addressspace.MappingQuery;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.ProcessUse;
import dev.remora.sandbox.SandboxedProcess;
import java.util.Optional;

/** Looks at what a child maps, which is a JVM. */
final class Looking {

    private Looking() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.mapMemfd("looked-at", 16 * MiB);
            child.touch(range);
            all(memory);
            one(memory, range.address() + 5 * MiB);
            next(memory);
            code(memory);
            figures(memory, range);
            nodes(memory, range);
            jvm(memory);
        }
    }

    private static void all(RemoteMemory memory) {
        // @start region=all
        AddressSpace space = memory.addressSpace();
        System.out.println(space.summary());
        long reserved = space.stream()
                .filter(mapping -> mapping.kind() == MappingKind.ANONYMOUS)
                .filter(mapping -> !mapping.protection().readable())
                .mapToLong(Mapping::byteSize)
                .sum();
        System.out.println("reserved without access: " + ByteSize.format(reserved));
        // @end
    }

    private static void one(RemoteMemory memory, long address) {
        // @start region=one-address
        Optional<Mapping> here = memory.mappingAt(address);
        here.ifPresent(mapping -> System.out.println(mapping.kind() + ": " + mapping));
        // @end
    }

    private static void next(RemoteMemory memory) {
        // @start region=next
        MappingQuery writableFile = MappingQuery.any().writable().shared().fileBacked();
        Optional<Mapping> next = memory.mappingFrom(0, writableFile);
        while (next.isPresent()) {
            System.out.println("a file it may write to: " + next.get().name());
            next = memory.mappingFrom(next.get().end(), writableFile);
        }
        // @end
    }

    private static void code(RemoteMemory memory) {
        Mapping code = memory.mappingFrom(0, MappingQuery.any().executable().fileBacked())
                .orElseThrow();
        // @start region=build-id
        try {
            System.out.println(code.name() + ": build id " + memory.buildIdAt(code.address()));
        } catch (UnsupportedKernelException older) {
            System.out.println(older.getMessage());
        }
        // @end
    }

    private static void figures(RemoteMemory memory, MemoryRange range) {
        // @start region=details
        AddressSpaceUse uses = memory.mappings().within(range).details();
        uses.forEach(use -> System.out.println(use.mapping().name() + " has "
                + ByteSize.format(use.memory().residentBytes()) + " in RAM and "
                + ByteSize.format(use.memory().swappedBytes()) + " in swap"));
        // @end
        // @start region=whole-process
        ProcessUse whole = memory.use();
        System.out.println("in all " + whole.memory());
        // @end
    }

    private static void nodes(RemoteMemory memory, MemoryRange range) {
        try {
            // @start region=nodes
            for (MappingNodes mapping : memory.mappings().within(range).nodesOfMappings()) {
                System.out.println(mapping.policy() + ", bytes of each node: " + mapping.bytesOfNodes());
            }
            // @end
        } catch (UnsupportedKernelException withoutNuma) {
            System.out.println(withoutNuma.getMessage());
        }
    }

    private static void jvm(RemoteMemory memory) {
        // @start region=jvm
        memory.jvm().ifPresent(System.out::println);
        MappingSelection heap = memory.mappings().javaHeap(); // to be advised like any other
        long inUse = heap.matching().byteSize();
        System.out.println("Java heap in use: " + ByteSize.format(inUse));
        // @end
    }
}
