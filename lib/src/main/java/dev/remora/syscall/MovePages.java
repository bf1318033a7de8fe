package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code move_pages(2)} for a batch of pages of another process: where they are, and to have them moved. Linux 2.6.18.
 *
 * <p>The kernel takes the process by its number; whoever calls this makes sure that the number still is the right one.
 */
public final class MovePages {

    /** What the kernel did not write a status for. */
    public static final int UNTOUCHED = Integer.MIN_VALUE;

    private static final long NO_NODES = 0;

    private final Kernel kernel;
    private final MemorySegment addresses;
    private final MemorySegment nodes;
    private final MemorySegment statuses;
    private final int capacity;
    private int size;

    public MovePages(Kernel kernel, int capacity, Arena arena) {
        this.kernel = kernel;
        this.capacity = capacity;
        addresses = arena.allocate(ValueLayout.JAVA_LONG, capacity);
        nodes = arena.allocate(ValueLayout.JAVA_INT, capacity);
        statuses = arena.allocate(ValueLayout.JAVA_INT, capacity);
    }

    public void clear() {
        size = 0;
    }

    public boolean full() {
        return size == capacity;
    }

    public int size() {
        return size;
    }

    public void add(long address) {
        addresses.setAtIndex(ValueLayout.JAVA_LONG, size++, address);
    }

    /** Adds a page that is to be moved to a node. */
    public void add(long address, int node) {
        nodes.setAtIndex(ValueLayout.JAVA_INT, size, node);
        add(address);
    }

    public long address(int index) {
        return addresses.getAtIndex(ValueLayout.JAVA_LONG, index);
    }

    /** Where a page is to be moved. */
    public int node(int index) {
        return nodes.getAtIndex(ValueLayout.JAVA_INT, index);
    }

    /** What became of a page: its node, −errno, or {@link #UNTOUCHED}. */
    public int status(int index) {
        return statuses.getAtIndex(ValueLayout.JAVA_INT, index);
    }

    /** Finds out on which nodes the pages are; brings none in. Returns 0, or −errno. */
    public long query(int pid) {
        return call(pid, NO_NODES, 0);
    }

    /** Moves the pages; those that others map too only if it is said. Returns how many were not moved, or −errno. */
    public long move(int pid, boolean sharedToo) {
        int flags = sharedToo ? Linux.MPOL_MF_MOVE_ALL() : Linux.MPOL_MF_MOVE();
        return call(pid, nodes.address(), flags);
    }

    private long call(int pid, long targets, int flags) {
        for (int i = 0; i < size; i++) {
            statuses.setAtIndex(ValueLayout.JAVA_INT, i, UNTOUCHED);
        }
        return kernel.call(Syscall.MOVE_PAGES, pid, size, addresses.address(), targets, statuses.address(), flags);
    }

    /**
     * Moves all pages of a process from some nodes to others: {@code migrate_pages(2)}. Returns how many could not be
     * moved, or −errno.
     */
    public static long migrate(Kernel kernel, int pid, long[] from, long[] to) {
        try (Arena arena = Arena.ofConfined()) {
            return kernel.call(
                    Syscall.MIGRATE_PAGES,
                    pid,
                    MemoryPolicies.MASK_BITS,
                    MemoryPolicies.mask(from, arena).address(),
                    MemoryPolicies.mask(to, arena).address());
        }
    }
}
