package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.AddressSpaceUse;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.JvmMemory;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingNodes;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.MapsCursor;
import dev.remora.procfs.RangeList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Mappings of a process chosen by their properties. Every verb reads the mappings afresh; each condition narrows the
 * choice further, and the order of the conditions does not matter.
 *
 * {@snippet file="Selections.java" region="selections"}
 */
@CheckReturnValue
public final class MappingSelection extends Selection {

    /** A condition on the mapping under the cursor, with its words for {@link #toString()}. */
    private record Condition(String words, Predicate<MapsCursor> test) {}

    /** A part of a JVM, with its words for {@link #toString()}. */
    private record JvmPart(String words, Function<JvmMemory, List<MemoryRange>> ranges) {}

    private final List<Condition> conditions;
    private final List<JvmPart> parts;
    private final @Nullable MemoryRange window;

    MappingSelection(RemoteMemory memory) {
        this(memory, List.of(), List.of(), null, null);
    }

    private MappingSelection(
            RemoteMemory memory,
            List<Condition> conditions,
            List<JvmPart> parts,
            @Nullable MemoryRange window,
            @Nullable LayoutGuard guard) {
        super(memory, guard);
        this.conditions = conditions;
        this.parts = parts;
        this.window = window;
    }

    private MappingSelection and(String words, Predicate<MapsCursor> test) {
        return new MappingSelection(memory(), with(conditions, new Condition(words, test)), parts, window, guard());
    }

    private static <T> List<T> with(List<T> list, T element) {
        return Stream.concat(list.stream(), Stream.of(element)).toList();
    }

    @Override
    public MappingSelection unlessChanged(AddressSpace before) {
        var guard = new LayoutGuard(memory(), Objects.requireNonNull(before, "before"));
        return new MappingSelection(memory(), conditions, parts, window, guard);
    }

    /** {@return only private anonymous memory, as {@link Mapping#anonymous()} has it} */
    public MappingSelection anonymous() {
        return and("anonymous", MapsCursor::anonymous);
    }

    /** {@return only what a file is behind, as {@link Mapping#fileBacked()} has it: memfds and shared memory too} */
    public MappingSelection fileBacked() {
        return and("file-backed", MapsCursor::fileBacked);
    }

    /** {@return only shared mappings ({@code MAP_SHARED}); a ZGC heap is one} */
    public MappingSelection shared() {
        return and("shared", MapsCursor::shared);
    }

    /** {@return only mappings that the process may write now} */
    public MappingSelection writable() {
        return and("writable", MapsCursor::writable);
    }

    /**
     * {@return only mappings of this name}
     *
     * @param pattern the name as {@link Mapping#name()} has it; {@code *} stands for any characters. For example
     *     {@code [heap]}, {@code *.so}, {@code /memfd:java_heap*}
     */
    public MappingSelection named(String pattern) {
        byte[] bytes = Objects.requireNonNull(pattern, "pattern").getBytes(StandardCharsets.UTF_8);
        return and("named " + pattern, cursor -> cursor.named(bytes));
    }

    /**
     * {@return only what lies within a range} A mapping that crosses a border of the range is cut there, before any
     * other condition looks at it.
     *
     * @param range the range; it need not consist of whole pages, and pages it covers in part are left out
     */
    public MappingSelection within(MemoryRange range) {
        Objects.requireNonNull(range, "range");
        long pageSize = memory().pageSize();
        long from = range.address() + pageSize - 1 & -pageSize;
        long to = range.end() & -pageSize;
        if (window != null) {
            from = Long.compareUnsigned(from, window.address()) > 0 ? from : window.address();
            to = Long.compareUnsigned(to, window.end()) < 0 ? to : window.end();
        }
        boolean wrapped = Long.compareUnsigned(from, range.address()) < 0;
        if (wrapped || Long.compareUnsigned(from, to) >= 0) {
            return and("within nothing", cursor -> false);
        }
        return new MappingSelection(memory(), conditions, parts, MemoryRange.between(from, to), guard());
    }

    /**
     * {@return only mappings of at least this size}
     *
     * @param bytes the least number of bytes of address space
     * @throws IllegalArgumentException if {@code bytes} is negative
     */
    public MappingSelection atLeast(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("A mapping has at least 0 bytes, and " + bytes + " is less");
        }
        return and("at least " + ByteSize.format(bytes), cursor -> cursor.byteSize() >= bytes);
    }

    /**
     * {@return only mappings for which the predicate is true} It is asked after the other conditions given before it.
     *
     * @param predicate tells whether a mapping is meant; called while the mappings are read, so it should be quick
     */
    public MappingSelection where(Predicate<? super Mapping> predicate) {
        Objects.requireNonNull(predicate, "predicate");
        return and("where …", cursor -> predicate.test(cursor.mapping()));
    }

    /**
     * {@return only the Java heap of a HotSpot JVM, as far as it is in use} G1, Parallel, Serial and ZGC, whose heap is shared
     * memory; a process that is no HotSpot JVM has none. How it is found, and when that fails, {@link JvmMemory#heap()} says.
     *
     * {@snippet file="Looking.java" region="jvm"}
     *
     * <p>Each verb looks for it anew: it reads the mappings once more than without this condition, so that the process may map
     * something else in between ({@link #unlessChanged} notices). A mapping that reaches beyond the heap is cut at its border,
     * before any condition but {@link #within} looks at it.
     */
    public MappingSelection javaHeap() {
        return ofJvm("Java heap", JvmMemory::heap);
    }

    /** {@return only the compiled code of a HotSpot JVM} How it is found, {@link JvmMemory#codeCache()} says. */
    public MappingSelection codeCache() {
        return ofJvm("code cache", JvmMemory::codeCache);
    }

    /** {@return only the metaspace of a HotSpot JVM, as far as it shows} How, {@link JvmMemory#metaspace()} says. */
    public MappingSelection metaspace() {
        return ofJvm("metaspace", JvmMemory::metaspace);
    }

    /** {@return only the stacks of the threads of a HotSpot JVM} How they are found, {@link JvmMemory#threadStacks()} says. */
    public MappingSelection threadStacks() {
        return ofJvm("thread stacks", JvmMemory::threadStacks);
    }

    private MappingSelection ofJvm(String words, Function<JvmMemory, List<MemoryRange>> part) {
        return new MappingSelection(memory(), conditions, with(parts, new JvmPart(words, part)), window, guard());
    }

    /**
     * {@return the mappings that match now} What the verbs of this selection would act on, but for changes until then.
     *
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if the memory was closed
     */
    public AddressSpace matching() {
        return memory().addressSpace(this);
    }

    /**
     * {@return the mappings that match now, with the memory behind each} A mapping that crosses a border of {@link #within} is
     * there as a whole: the kernel has no figures for parts.
     *
     * {@snippet file="Looking.java" region="details"}
     *
     * <p>It is paid for only when asked: the kernel walks all page tables of the process, which takes some 10 ms for each GiB
     * in small pages. Source: {@code smaps}, {@code proc_pid_smaps(5)}.
     *
     * @throws PermissionDeniedException if the caller may not read the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if the memory was closed
     */
    public AddressSpaceUse details() {
        return memory().details(this);
    }

    /**
     * {@return the mappings that match now, with the policy of each, and how much of it is on which NUMA node} A mapping that
     * crosses a border of {@link #within} is there as a whole. {@link #nodes()} has the node of each page instead.
     *
     * <p>It is paid for only when asked: the kernel counts all pages of the process, which takes some 12 ms for each GiB in
     * small pages. The mappings and the figures are two files, read one after the other: what the process maps in between has
     * no figures. Source: {@code numa_maps}, {@code numa(7)}.
     *
     * @throws UnsupportedKernelException if the kernel was built without NUMA
     * @throws PermissionDeniedException if the caller may not read the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if the memory was closed
     */
    public List<MappingNodes> nodesOfMappings() {
        return memory().nodesOfMappings(this);
    }

    /** Parts of a JVM are looked for in all mappings first. */
    @Override
    List<String> readsToFind() {
        return parts.isEmpty() ? List.of(MAPS) : List.of(MAPS, MAPS);
    }

    @Override
    RangeList ranges() {
        Predicate<MapsCursor> selects = selector();
        return MapsCursor.collect(memory().process().directory(), () -> new RangeList(64), (ranges, cursor) -> {
            if (selects.test(cursor)) {
                add(cursor, ranges);
            }
        });
    }

    /** What the kernel provides it does not take out of RAM, and an address in its own half would fail a whole vector. */
    private static void add(MapsCursor cursor, RangeList ranges) {
        if (cursor.providedByKernel()) {
            ranges.addLeftOut(cursor.address(), cursor.byteSize());
        } else {
            ranges.add(cursor.address(), cursor.byteSize());
        }
    }

    /**
     * Says for one reading of the mappings whether that under the cursor is meant, after cutting it at the borders of the
     * window and of the parts of a JVM.
     */
    Predicate<MapsCursor> selector() {
        List<List<MemoryRange>> borders = borders();
        return cursor -> cut(cursor, borders) && (parts.isEmpty() || cursor.accessible()) && meets(cursor);
    }

    private static boolean cut(MapsCursor cursor, List<List<MemoryRange>> borders) {
        for (List<MemoryRange> ranges : borders) {
            if (!cutByOne(cursor, ranges)) {
                return false;
            }
        }
        return true;
    }

    private static boolean cutByOne(MapsCursor cursor, List<MemoryRange> ranges) {
        for (MemoryRange range : ranges) {
            if (cursor.clip(range)) {
                return true;
            }
        }
        return false;
    }

    /** Here and above no streams, which would take objects for each mapping. */
    private boolean meets(MapsCursor cursor) {
        for (Condition condition : conditions) {
            if (!condition.test().test(cursor)) {
                return false;
            }
        }
        return true;
    }

    /** Of each of these lists, a mapping lies in a range, and is cut at its borders. */
    private List<List<MemoryRange>> borders() {
        List<List<MemoryRange>> borders = new ArrayList<>();
        if (window != null) {
            borders.add(List.of(window));
        }
        if (!parts.isEmpty()) {
            Optional<JvmMemory> jvm = JvmMemory.of(memory().everything());
            parts.forEach(part -> borders.add(jvm.map(part.ranges()).orElse(List.of())));
        }
        return borders;
    }

    /** {@return what is selected, in one line} */
    @Override
    public String toString() {
        List<String> words =
                new ArrayList<>(conditions.stream().map(Condition::words).toList());
        parts.forEach(part -> words.add(part.words()));
        if (window != null) {
            words.add("within " + window);
        }
        return (words.isEmpty() ? "all mappings" : "mappings: " + String.join(", ", words)) + " of process "
                + memory().pid() + (guard() == null ? "" : LayoutGuard.WORDS);
    }
}
