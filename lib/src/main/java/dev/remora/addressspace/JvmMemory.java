package dev.remora.addressspace;

import dev.remora.text.TextTable;
import java.util.List;
import java.util.Optional;

/**
 * Where a HotSpot JVM has what, as far as the list of its mappings tells. The kernel does not know what a JVM keeps where:
 * these are conclusions from the geometry of the list, by rules that hold for the JVMs they were tested with (JDK 17 and 25
 * on x86-64, with G1, Parallel, Serial and ZGC). Each part says what its rule cannot tell.
 *
 * <p>A process counts as a JVM if a {@code libjvm.so} is mapped.
 *
 * @param heap the addresses reserved for the Java heap. <b>ZGC</b>: the mappings of {@code /memfd:java_heap}; until JDK 20,
 *     the same memory is mapped three times, and each counts. <b>Others</b>: the stretch of private memory without a name
 *     that lies below 1 TiB, where nothing comes to lie that was not told to, and of which most is writable; the class
 *     space, which is there too, is told apart by the archive of classes ({@code *.jsa}) in front of it. With {@code
 *     -Xshare:off}, JDK 17 puts the class space directly behind the heap, and no border shows. <b>Without compressed object
 *     pointers</b> (from 32 GiB on, or with {@code -XX:-UseCompressedOops}) the heap can be anywhere: then it is the largest
 *     mapping that is writable, or reserved with at least 8 GiB, and its large neighbours. That is a guess: memory of the
 *     collector directly beside it is taken for heap where the kernel has joined the two, and a process with larger memory
 *     of another kind deceives it. A heap in a file ({@code -XX:AllocateHeapAt}) is not found, and something else may be taken
 *     for it
 * @param codeCache compiled code: private memory without a name that is readable, writable and executable. Code that other
 *     libraries of the process generate is there too
 * @param metaspace descriptions of classes: what is in use of the class space behind an archive of classes, and stretches
 *     of 64 MiB that are in use in steps of 64 KiB, as JDK 16 and newer reserve them. A stretch of which only the beginning
 *     is in use can look like an arena of {@code malloc}, and is left out then; the class space is left out with {@code
 *     -Xshare:off}
 * @param threadStacks stacks of threads but the first: memory without a name directly above an inaccessible guard of 4 or 16
 *     KiB, of 112 KiB to 64 MiB, which makes a multiple of 64 KiB with the guard or without it. Where the guard does not
 *     show, as that of native threads with glibc 2.42 and newer, there is nothing to tell by. Guarded memory of other kinds
 *     can look the same: so do tables of G1 that lie side by side, while a few MiB of its heap are not in use
 */
public record JvmMemory(
        List<MemoryRange> heap,
        List<MemoryRange> codeCache,
        List<MemoryRange> metaspace,
        List<MemoryRange> threadStacks) {

    /** Creates a description. */
    public JvmMemory {
        heap = List.copyOf(heap);
        codeCache = List.copyOf(codeCache);
        metaspace = List.copyOf(metaspace);
        threadStacks = List.copyOf(threadStacks);
    }

    /**
     * {@return where the JVM has what; empty if the process is no HotSpot JVM}
     *
     * @param space all that the process maps
     */
    public static Optional<JvmMemory> of(AddressSpace space) {
        return isJvm(space) ? Optional.of(new JvmGeometry(space.mappings()).memory()) : Optional.empty();
    }

    private static boolean isJvm(AddressSpace space) {
        return space.stream()
                .map(Mapping::name)
                .anyMatch(name -> name.endsWith("/libjvm.so") || name.endsWith("/libjvm.so (deleted)"));
    }

    /** {@return a table of the parts} */
    @Override
    public String toString() {
        var table = new TextTable("a HotSpot JVM", "<>>");
        row(table, "Java heap", heap);
        row(table, "code cache", codeCache);
        row(table, "metaspace", metaspace);
        row(table, "thread stacks", threadStacks);
        return table.toString();
    }

    private static void row(TextTable table, String part, List<MemoryRange> ranges) {
        long bytes = ranges.stream().mapToLong(MemoryRange::byteSize).sum();
        table.row(part, Integer.toString(ranges.size()), ByteSize.format(bytes));
    }
}
