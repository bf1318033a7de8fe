package dev.remora.process;

import dev.remora.procfs.GuardMarks;
import dev.remora.procfs.MapsCursor;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.Kernel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a process has stacks with room below: the first thread's, which the kernel made, and what has a guard below it, as C
 * libraries and JVMs make them: a mapping without access, or a mark in the page table. Runtimes with small stacks of their own (Go) keep other data directly below
 * one, which nobody else may touch; their signal handlers have a stack of their own for that reason.
 */
final class GuardedStacks {

    private static final byte[] FIRST_STACK = "[stack]".getBytes(StandardCharsets.US_ASCII);

    /** What is larger is no guard, but reserved: for a heap, or by an allocator. */
    private static final long LARGEST_GUARD = 1 << 20;

    /** How far below an address a mark is looked for: stacks are smaller, unless somebody asked for more. */
    private static final long LARGEST_STACK = 16 << 20;

    /** Whether there is a mark between two addresses. */
    interface Marks {
        boolean anyBetween(long from, long to);
    }

    private record Room(long end, boolean guarded) {}

    /** Memory that could have a stack in it, by where it begins. */
    private final TreeMap<Long, Room> rooms = new TreeMap<>(Long::compareUnsigned);

    private final Marks marks;

    private long guardEnd;

    GuardedStacks(Marks marks) {
        this.marks = marks;
    }

    static GuardedStacks unknown() {
        return new GuardedStacks((_, _) -> false);
    }

    /** Reads them, or throws {@link dev.remora.syscall.ErrnoException}. */
    static GuardedStacks of(Kernel kernel, ProcDirectory process) {
        Marks marks = (from, to) -> GuardMarks.anyBetween(kernel, process, from, to);
        return MapsCursor.collect(process, () -> new GuardedStacks(marks), GuardedStacks::add);
    }

    /** Adds the next mapping, if it is one. */
    void add(MapsCursor maps) {
        boolean guarded = maps.address() == guardEnd || maps.named(FIRST_STACK);
        if (maps.writable() && !maps.shared()) {
            rooms.put(maps.address(), new Room(maps.end(), guarded));
        }
        guardEnd = !maps.accessible() && maps.byteSize() <= LARGEST_GUARD ? maps.end() : 0;
    }

    /** Whether an address is in one of them. */
    boolean contain(long address) {
        Map.Entry<Long, Room> room = rooms.floorEntry(address);
        if (room == null || Long.compareUnsigned(address, room.getValue().end()) >= 0) {
            return false;
        }
        long lowest = room.getKey();
        return room.getValue().guarded()
                || marks.anyBetween(address - lowest > LARGEST_STACK ? address - LARGEST_STACK : lowest, address);
    }
}
