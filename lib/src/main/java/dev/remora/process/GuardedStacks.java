package dev.remora.process;

import dev.remora.procfs.MapsCursor;
import dev.remora.procfs.ProcDirectory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a process has stacks with room below: the first thread's, which the kernel made, and what has an inaccessible guard
 * below it, as C libraries and JVMs make them. Runtimes with small stacks of their own (Go) keep other data directly below
 * one, which nobody else may touch; their signal handlers have a stack of their own for that reason.
 */
final class GuardedStacks {

    private static final byte[] FIRST_STACK = "[stack]".getBytes(StandardCharsets.US_ASCII);

    /** What is larger is no guard, but reserved: for a heap, or by an allocator. */
    private static final long LARGEST_GUARD = 1 << 20;

    /** By where they begin, where they end. */
    private final TreeMap<Long, Long> ends = new TreeMap<>(Long::compareUnsigned);

    private long guardEnd;

    private GuardedStacks() {}

    static GuardedStacks unknown() {
        return new GuardedStacks();
    }

    /** Reads them, or throws {@link dev.remora.syscall.ErrnoException}. */
    static GuardedStacks of(ProcDirectory process) {
        return MapsCursor.collect(process, GuardedStacks::new, GuardedStacks::add);
    }

    /** Adds the next mapping, if it is one. */
    void add(MapsCursor maps) {
        boolean guarded = maps.address() == guardEnd || maps.named(FIRST_STACK);
        if (guarded && maps.writable() && !maps.shared()) {
            ends.put(maps.address(), maps.end());
        }
        guardEnd = !maps.accessible() && maps.byteSize() <= LARGEST_GUARD ? maps.end() : 0;
    }

    /** Whether an address is in one of them. */
    boolean contain(long address) {
        Map.Entry<Long, Long> stack = ends.floorEntry(address);
        return stack != null && Long.compareUnsigned(address, stack.getValue()) < 0;
    }
}
