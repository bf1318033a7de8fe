package dev.remora.addressspace;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.KiB;
import static dev.remora.addressspace.ByteSize.MiB;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules of {@link JvmMemory}. */
final class JvmGeometry {

    /** Below, the kernel puts nothing by itself. */
    private static final long CHOSEN_ADDRESSES = 1024 * GiB;

    /** What is smaller beside a heap that can be anywhere is a stack, or the beginning of an arena. */
    private static final long LARGE_NEIGHBOUR = 2 * MiB;

    /** Nothing but a heap that is too large for compressed object pointers reserves so much. */
    private static final long LARGE_RESERVE = 8 * GiB;

    private static final long METASPACE_NODE = 64 * MiB;
    private static final long METASPACE_CHUNK = 4 * MiB;
    private static final long METASPACE_STEP = 64 * KiB;

    /** More than ever lies unused between two chunks of the class space: what is not in use yet. */
    private static final long UNUSED_CLASS_SPACE = 16 * MiB;

    /** What glibc guards the stacks of native threads with, and HotSpot those of Java threads. */
    private static final Set<Long> GUARDS = Set.of(4 * KiB, 16 * KiB);

    private static final long STACK_STEP = 64 * KiB;
    private static final long SMALLEST_STACK = 112 * KiB;
    private static final long LARGEST_STACK = 64 * MiB;

    private final List<Mapping> mappings;
    private final List<List<Mapping>> stretches;

    JvmGeometry(List<Mapping> mappings) {
        this.mappings = mappings;
        stretches = stretches();
    }

    JvmMemory memory() {
        List<MemoryRange> heap = heap();
        List<MemoryRange> metaspace = new ArrayList<>(classSpace());
        metaspace.addAll(metaspaceNodes(heap));
        metaspace.sort((one, other) -> Long.compareUnsigned(one.address(), other.address()));
        return new JvmMemory(heap, codeCache(), metaspace, threadStacks());
    }

    /** Memory without a name, in use or just reserved, and the archives of classes that lie in it: without gaps. */
    private List<List<Mapping>> stretches() {
        List<List<Mapping>> found = new ArrayList<>();
        List<Mapping> stretch = new ArrayList<>();
        for (Mapping mapping : mappings) {
            boolean continues = !stretch.isEmpty() && stretch.getLast().end() == mapping.address();
            if (!continues || !belongs(mapping)) {
                found.add(stretch);
                stretch = new ArrayList<>();
            }
            if (belongs(mapping)) {
                stretch.add(mapping);
            }
        }
        found.add(stretch);
        return found.stream().filter(each -> !each.isEmpty()).toList();
    }

    private static boolean belongs(Mapping mapping) {
        return (nameless(mapping) && !mapping.protection().executable()) || archive(mapping);
    }

    private static boolean nameless(Mapping mapping) {
        return mapping.kind() == MappingKind.ANONYMOUS && !mapping.shared();
    }

    private static boolean inUse(Mapping mapping) {
        return nameless(mapping) && mapping.protection().equals(Protection.READ_WRITE);
    }

    private static boolean reserved(Mapping mapping) {
        return nameless(mapping) && mapping.protection().equals(Protection.NONE);
    }

    private static boolean archive(Mapping mapping) {
        return !mapping.shared()
                && (mapping.name().endsWith(".jsa") || mapping.name().endsWith(".jsa (deleted)"));
    }

    private List<MemoryRange> heap() {
        List<MemoryRange> shared = mappings.stream()
                .filter(mapping -> mapping.name().startsWith("/memfd:java_heap"))
                .map(Mapping::range)
                .toList();
        return shared.isEmpty() ? privateHeap() : shared;
    }

    private List<MemoryRange> privateHeap() {
        Optional<List<Mapping>> heap = stretches.stream()
                .filter(stretch -> Long.compareUnsigned(stretch.getLast().end(), CHOSEN_ADDRESSES) <= 0)
                .filter(stretch -> !beginsWithArchive(stretch) && inUseBytes(stretch) > 0)
                .max(Comparator.comparingLong(JvmGeometry::inUseBytes));
        return heap
                .map(found -> MemoryRange.between(
                        found.getFirst().address(), found.getLast().end()))
                .or(this::anywhere)
                .stream()
                .toList();
    }

    /** The class space follows an archive; in a heap, what an archive brings along lies behind objects. */
    private static boolean beginsWithArchive(List<Mapping> stretch) {
        return stretch.stream()
                .filter(mapping -> !reserved(mapping))
                .findFirst()
                .filter(JvmGeometry::archive)
                .isPresent();
    }

    private static long inUseBytes(List<Mapping> stretch) {
        return stretch.stream()
                .filter(JvmGeometry::inUse)
                .mapToLong(Mapping::byteSize)
                .sum();
    }

    /** Of a large heap little may be in use yet, but then what is reserved of it is larger than anything else. */
    private Optional<MemoryRange> anywhere() {
        List<List<Mapping>> candidates = stretches.stream()
                .filter(stretch -> !beginsWithArchive(stretch) && inUseBytes(stretch) > 0)
                .toList();
        Comparator<Mapping> bySize = Comparator.comparingLong(Mapping::byteSize);
        Optional<Mapping> largest = candidates.stream()
                .flatMap(List::stream)
                .filter(mapping -> inUse(mapping) || mapping.byteSize() >= LARGE_RESERVE)
                .max(bySize);
        return largest.flatMap(mapping -> candidates.stream()
                .filter(stretch -> stretch.contains(mapping))
                .findFirst()
                .flatMap(stretch -> aligned(around(stretch, mapping))));
    }

    /** What lies beside the heap can be joined with it, but the heap begins and ends at such a border. */
    private static Optional<MemoryRange> aligned(List<Mapping> heap) {
        if (heap.isEmpty()) {
            return Optional.empty();
        }
        long from = (heap.getFirst().address() + LARGE_NEIGHBOUR - 1) & -LARGE_NEIGHBOUR;
        long to = heap.getLast().end() & -LARGE_NEIGHBOUR;
        return from < to ? Optional.of(MemoryRange.between(from, to)) : Optional.empty();
    }

    private static List<Mapping> around(List<Mapping> stretch, Mapping largest) {
        int from = stretch.indexOf(largest);
        int to = from + 1;
        while (from > 0 && large(stretch.get(from - 1))) {
            from--;
        }
        while (from < to && reserved(stretch.get(from))) {
            from++;
        }
        while (to < stretch.size() && (large(stretch.get(to)) || ofArchive(stretch, to))) {
            to++;
        }
        return stretch.subList(from, to);
    }

    private static boolean large(Mapping mapping) {
        return mapping.byteSize() >= LARGE_NEIGHBOUR;
    }

    /** Objects of an archive, or what is left of the region of the heap that they fill. */
    private static boolean ofArchive(List<Mapping> stretch, int index) {
        return archive(stretch.get(index)) || archive(stretch.get(index - 1));
    }

    private List<MemoryRange> codeCache() {
        return mappings.stream()
                .filter(mapping -> nameless(mapping)
                        && mapping.protection().executable()
                        && mapping.protection().writable())
                .map(Mapping::range)
                .toList();
    }

    private List<MemoryRange> classSpace() {
        List<MemoryRange> found = new ArrayList<>();
        for (List<Mapping> stretch : stretches) {
            if (beginsWithArchive(stretch)) {
                stretch.stream()
                        .dropWhile(mapping -> !archive(mapping))
                        .takeWhile(mapping -> !reserved(mapping) || mapping.byteSize() < UNUSED_CLASS_SPACE)
                        .filter(JvmGeometry::inUse)
                        .map(Mapping::range)
                        .forEach(found::add);
            }
        }
        return found;
    }

    /** A heap can be of the same size, and is in use in larger steps. */
    private List<MemoryRange> metaspaceNodes(List<MemoryRange> heap) {
        List<MemoryRange> found = new ArrayList<>();
        for (List<Mapping> stretch : stretches) {
            long searched = 0;
            for (int i = 0; i < stretch.size() && !beginsWithArchive(stretch); i++) {
                List<Mapping> node = stretch.get(i).address() < searched ? List.of() : node(stretch, i);
                if (!node.isEmpty()) {
                    node.forEach(mapping -> found.add(mapping.range()));
                    searched = stretch.get(i).address() + METASPACE_NODE;
                }
            }
        }
        found.removeIf(range -> heap.stream().anyMatch(range::overlaps));
        return found;
    }

    /** What is in use of a node that begins with this mapping; nothing if none does. */
    private static List<Mapping> node(List<Mapping> stretch, int first) {
        long begin = stretch.get(first).address();
        long end = begin + METASPACE_NODE;
        List<Mapping> all = stretch.subList(first, stretch.size()).stream()
                .takeWhile(mapping -> mapping.address() < end)
                .toList();
        List<Mapping> used = all.stream().filter(JvmGeometry::inUse).toList();
        Mapping last = all.getLast();
        boolean exact = last.end() == end;
        boolean covered = exact || (reserved(last) && last.end() > end);
        boolean chunks = begin % METASPACE_CHUNK == 0
                && inUse(stretch.get(first))
                && used.stream().allMatch(JvmGeometry::inSteps)
                && all.stream().allMatch(mapping -> inUse(mapping) || reserved(mapping));
        boolean certain = used.size() > 1 || (exact && begin % METASPACE_NODE != 0);
        return covered && chunks && certain ? used : List.of();
    }

    private static boolean inSteps(Mapping mapping) {
        return mapping.address() % METASPACE_STEP == 0 && mapping.byteSize() % METASPACE_STEP == 0;
    }

    private List<MemoryRange> threadStacks() {
        List<MemoryRange> found = new ArrayList<>();
        for (List<Mapping> stretch : stretches) {
            for (int i = 1; i < stretch.size(); i++) {
                if (stack(stretch.get(i - 1), stretch.get(i))) {
                    found.add(stretch.get(i).range());
                }
            }
        }
        return found;
    }

    /** A native stack has the size that was asked for beside its guard, a Java one together with it. */
    private static boolean stack(Mapping guard, Mapping stack) {
        long byteSize = stack.byteSize();
        boolean guarded = reserved(guard) && GUARDS.contains(guard.byteSize());
        boolean round = byteSize % STACK_STEP == 0 || (byteSize + guard.byteSize()) % STACK_STEP == 0;
        return guarded && inUse(stack) && round && byteSize >= SMALLEST_STACK && byteSize <= LARGEST_STACK;
    }
}
