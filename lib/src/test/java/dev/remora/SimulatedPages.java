package dev.remora;

import dev.remora.bindings.Linux;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/** The pages of a process, as {@code move_pages(2)} sees them. */
final class SimulatedPages {

    private final LongPredicate mapped;
    private final Map<Long, Integer> nodes = new HashMap<>();
    private final Set<Long> shared = new HashSet<>();
    private final Map<Long, Integer> busyFor = new HashMap<>();
    private final List<Integer> batches = new ArrayList<>();

    /** What a page that is not there answers; kernels differ. */
    int absent = Linux.ENOENT();

    /** How many pages the nodes have room for, where that is limited. */
    private final Map<Integer, Integer> room = new HashMap<>();

    /** The first page of the huge page that a page is of. */
    private final Map<Long, Long> heads = new HashMap<>();

    /** What a whole call is refused with, by its number, counted from 1. */
    final Map<Integer, Integer> refusals = new HashMap<>();

    private int calls;

    /** Runs before each call. */
    Runnable beforeCall = () -> {};

    /** Runs in the middle of each call that moves. */
    Runnable whileMoving = () -> {};

    SimulatedPages(LongPredicate mapped) {
        this.mapped = mapped;
    }

    void put(long address, int count, int node) {
        for (int i = 0; i < count; i++) {
            nodes.put(address + i * SimulatedKernel.PAGE, node);
        }
    }

    void share(long address) {
        shared.add(address);
    }

    void limit(int node, int pages) {
        room.put(node, pages);
    }

    /** Makes 512 pages one, which moves whole or not at all. */
    void makeHuge(long address) {
        for (int i = 0; i < 512; i++) {
            heads.put(address + i * SimulatedKernel.PAGE, address);
        }
    }

    void makeBusy(long address, int calls) {
        busyFor.put(address, calls);
    }

    /** The sizes of the calls that were to move something. */
    List<Integer> batches() {
        return batches;
    }

    long movePages(int owner, int pid, long count, long addresses, long targets, long statuses, int flags) {
        beforeCall.run();
        if (pid != owner) {
            return -Linux.ESRCH();
        }
        Integer refusal = refusals.get(++calls);
        if (refusal != null) {
            return -refusal;
        }
        MemorySegment pages = MemorySegment.ofAddress(addresses).reinterpret(count * Long.BYTES);
        MemorySegment status = MemorySegment.ofAddress(statuses).reinterpret(count * Integer.BYTES);
        return targets == 0 ? query(pages, status, count) : move(pages, targets, status, count, flags);
    }

    private long query(MemorySegment pages, MemorySegment status, long count) {
        for (long i = 0; i < count; i++) {
            status.setAtIndex(ValueLayout.JAVA_INT, i, place(pages.getAtIndex(ValueLayout.JAVA_LONG, i)));
        }
        return 0;
    }

    private int place(long address) {
        Integer node = nodes.get(address);
        if (node != null) {
            return node;
        }
        return mapped.test(address) ? -absent : -Linux.EFAULT();
    }

    /**
     * As Linux does since 4.17: pages for the same node make a group, which ends at a page that is not one to move. Behind a
     * group of which a page could not be moved nothing is attempted, and its own pages have no status.
     */
    private long move(MemorySegment pages, long targets, MemorySegment status, long count, int flags) {
        batches.add((int) count);
        MemorySegment target = MemorySegment.ofAddress(targets).reinterpret(count * Integer.BYTES);
        whileMoving.run();
        List<Long> group = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            long address = pages.getAtIndex(ValueLayout.JAVA_LONG, i);
            int node = target.getAtIndex(ValueLayout.JAVA_INT, i);
            boolean another = i > 0 && target.getAtIndex(ValueLayout.JAVA_INT, i - 1) != node;
            long stopped = another ? settle(group, status, target, i, count) : 0;
            if (stopped != 0) {
                return stopped;
            }
            int place = place(address);
            boolean kept = place >= 0 && shared.contains(address) && (flags & Linux.MPOL_MF_MOVE_ALL()) == 0;
            boolean taken = group.contains(heads.get(address));
            if (place >= 0 && place != node && !kept && !taken) {
                group.add(address);
                continue;
            }
            stopped = settle(group, status, target, i, count);
            int untaken = kept ? -Linux.EACCES() : place;
            status.setAtIndex(ValueLayout.JAVA_INT, i, taken ? -Linux.EBUSY() : untaken);
            if (stopped != 0) {
                return stopped;
            }
        }
        return settle(group, status, target, count, count);
    }

    /** Moves a group that ends before a place in the vector. Returns how many pages were not moved, or −errno. */
    private long settle(List<Long> group, MemorySegment status, MemorySegment target, long end, long count) {
        long busy = 0;
        for (int i = 0; i < group.size(); i++) {
            long address = group.get(i);
            int node = target.getAtIndex(ValueLayout.JAVA_INT, end - group.size() + i);
            if (busyFor.merge(address, -1, Integer::sum) >= 0) {
                busy++;
            } else if (room.containsKey(node) && room.merge(node, -1, Integer::sum) < 0) {
                return -Linux.ENOMEM();
            } else {
                put(heads.getOrDefault(address, address), heads.containsKey(address) ? 512 : 1, node);
            }
        }
        if (busy > 0) {
            return busy + count - end;
        }
        for (int i = 1; i <= group.size(); i++) {
            status.setAtIndex(ValueLayout.JAVA_INT, end - i, target.getAtIndex(ValueLayout.JAVA_INT, end - i));
        }
        group.clear();
        return 0;
    }
}
