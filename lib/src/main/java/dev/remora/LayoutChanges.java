package dev.remora;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.RangeList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where two address spaces are not laid out alike. How the kernel cuts what is alike into mappings does not matter. */
final class LayoutChanges {

    private static final String STACK = "[stack]";

    private final List<Mapping> before;
    private final List<Mapping> after;
    private final List<MemoryRange> changed;

    private LayoutChanges(AddressSpace before, AddressSpace after, List<MemoryRange> changed) {
        this.before = before.mappings();
        this.after = after.mappings();
        this.changed = changed;
    }

    /** The parts of the ranges in which they differ, in the order of the ranges; neighbours of one range are one. */
    static List<MemoryRange> between(AddressSpace before, AddressSpace after, RangeList ranges) {
        List<MemoryRange> changed = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            MemoryRange range = MemoryRange.of(ranges.address(i), ranges.byteSize(i));
            new LayoutChanges(before.overlapping(range), after.overlapping(range), changed).lookAt(range);
        }
        return List.copyOf(changed);
    }

    private void lookAt(MemoryRange range) {
        long from = range.address();
        long to = range.end();
        int one = 0;
        int other = 0;
        long begun = to;
        for (long position = from; position != to; ) {
            Mapping old = at(before, one, position);
            Mapping now = at(after, other, position);
            long next = nearer(edge(before, one, position, to), edge(after, other, position, to));
            if (alike(old, now)) {
                add(begun, position, to);
                begun = to;
            } else if (begun == to) {
                begun = position;
            }
            position = next;
            one += endsBy(before, one, position);
            other += endsBy(after, other, position);
        }
        add(begun, to, to);
    }

    /** Nothing was begun where it begins at the end. */
    private void add(long begun, long position, long to) {
        if (begun != to) {
            changed.add(MemoryRange.between(begun, position));
        }
    }

    private static boolean alike(@Nullable Mapping old, @Nullable Mapping now) {
        if (old == null || now == null) {
            return old == null && now == null;
        }
        return old.protection().equals(now.protection())
                && old.shared() == now.shared()
                && old.device() == now.device()
                && old.inode() == now.inode()
                && alikeNamed(old, now)
                && (!old.fileBacked() || old.fileOffset() - old.address() == now.fileOffset() - now.address());
    }

    /** Where the stack is cut in two, as by a memory policy for a part of it, the kernel names only one of them. */
    private static boolean alikeNamed(Mapping old, Mapping now) {
        return old.name().equals(now.name())
                || (old.anonymous() && now.anonymous() && maybeStack(old.name()) && maybeStack(now.name()));
    }

    private static boolean maybeStack(String name) {
        return name.isEmpty() || name.equals(STACK);
    }

    private static @Nullable Mapping at(List<Mapping> mappings, int index, long position) {
        boolean inside = index < mappings.size()
                && Long.compareUnsigned(mappings.get(index).address(), position) <= 0;
        return inside ? mappings.get(index) : null;
    }

    /** Where the mapping ends, or the hole before it. */
    private static long edge(List<Mapping> mappings, int index, long position, long to) {
        if (index == mappings.size()) {
            return to;
        }
        Mapping mapping = mappings.get(index);
        boolean inside = Long.compareUnsigned(mapping.address(), position) <= 0;
        return nearer(inside ? mapping.end() : mapping.address(), to);
    }

    private static long nearer(long one, long other) {
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }

    private static int endsBy(List<Mapping> mappings, int index, long position) {
        return index < mappings.size() && mappings.get(index).end() == position ? 1 : 0;
    }
}
