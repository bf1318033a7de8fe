package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.NodeSet;
import dev.remora.process.PinnedProcess;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MovePages;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Moves pages of a process to nodes.
 *
 * <p>The kernel moves pages in groups, and where a page of a group cannot be moved it says nothing of the others; of huge
 * pages it says that their second part is busy, because it has just taken the first. So what is not certain after a call is
 * found out by asking where the pages are now, and tried again.
 */
final class MoveRun extends PageRun<MovedRange> {

    private record Fate(PageFate fate) implements Verdict<MovedRange> {
        @Override
        public Tally tally() {
            return Tally.DONE;
        }

        @Override
        public MovedRange of(MemoryRange range) {
            return new MovedRange(range, fate);
        }
    }

    private static final Map<PageFate, Fate> FATES = new EnumMap<>(PageFate.class);

    static {
        for (PageFate fate : PageFate.values()) {
            FATES.put(fate, new Fate(fate));
        }
    }

    private static final int ATTEMPTS = 4;

    /** One may have been about a single page: the pool of huge pages of the node is empty, for example. */
    private static final int REFUSALS_OF_A_FULL_NODE = 2;

    /** Neighbours within this much go to the same node: so much makes a huge page. */
    private static final int STRIPE = 21;

    private final NodeSet nodes;
    private final int[] targets;
    private final boolean sharedToo;

    MoveRun(Kernel kernel, PinnedProcess process, long pageSize, NodeSet nodes, boolean sharedToo) {
        super(kernel, process, pageSize);
        this.nodes = nodes;
        this.sharedToo = sharedToo;
        targets = nodes.stream().toArray();
    }

    @Override
    void judge(MovePages places, Arena arena) {
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
            PageFate fate = beforeMoving(places.status(i), places.address(i));
            if (fate == PageFate.NOT_ATTEMPTED) {
                left.add(i);
            }
            add(fate(fate));
        }
        if (!left.isEmpty()) {
            move(left, places, new MovePages(kernel, left.size(), arena));
        }
    }

    private void move(List<Integer> all, MovePages places, MovePages batch) {
        int[] attempts = new int[places.size()];
        int[] refusals = new int[targets.length];
        int round = 0;
        List<Integer> left = all;
        while (!left.isEmpty() && !allFull(refusals)) {
            int made = attempts[left.getFirst()];
            if (made > round) {
                round = made;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1L << round));
            }
            left = attempt(left, places, batch, attempts, refusals);
        }
        if (round > 0) {
            lookAgain(all, places, batch);
        }
    }

    /** What seemed to be hindered may have moved later, with the rest of its huge page. */
    private void lookAgain(List<Integer> all, MovePages places, MovePages batch) {
        List<Integer> stayed = all.stream()
                .filter(index -> !verdict(index).equals(fate(PageFate.MOVED)))
                .toList();
        if (!stayed.isEmpty()) {
            markMoved(stayed, places, batch);
        }
    }

    /** Asks where pages are, and returns those that are on none of the nodes. */
    private List<Integer> markMoved(List<Integer> indexes, MovePages places, MovePages batch) {
        batch.clear();
        indexes.forEach(index -> batch.add(places.address(index)));
        locate(batch);
        List<Integer> elsewhere = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            int status = batch.status(i);
            if (status >= 0 && nodes.contains(status)) {
                change(indexes.get(i), fate(PageFate.MOVED));
            } else {
                elsewhere.add(indexes.get(i));
            }
        }
        return elsewhere;
    }

    private static Fate fate(PageFate fate) {
        return FATES.getOrDefault(fate, new Fate(fate));
    }

    private PageFate beforeMoving(int status, long address) {
        if (status >= 0) {
            return nodes.contains(status) ? PageFate.ALREADY_THERE : PageFate.NOT_ATTEMPTED;
        }
        return status == MovePages.UNTOUCHED ? PageFate.NOT_ATTEMPTED : failed(-status, address);
    }

    private PageFate failed(int errno, long address) {
        if (errno == Linux.ENOENT() || errno == Linux.EFAULT()) {
            return mapped(address) ? PageFate.NOT_PRESENT : PageFate.UNMAPPED;
        }
        if (errno == Linux.EACCES()) {
            return PageFate.SHARED;
        }
        if (errno == Linux.EBUSY() || errno == Linux.EAGAIN()) {
            return PageFate.BUSY;
        }
        return errno == Linux.ENOMEM() ? PageFate.NO_MEMORY : PageFate.NOT_MOVABLE;
    }

    /**
     * Tries to move some pages of a batch, and counts the attempt for those that the kernel came to. Returns those that are
     * worth another one: first those that it did not come to, so that a page that cannot be moved keeps no other from moving.
     *
     * @param refusals how often each target had no memory; after the second time it is full
     */
    private List<Integer> attempt(
            List<Integer> indexes, MovePages places, MovePages batch, int[] attempts, int[] refusals) {
        int[] open = IntStream.range(0, targets.length)
                .filter(i -> refusals[i] < REFUSALS_OF_A_FULL_NODE)
                .toArray();
        batch.clear();
        for (int index : indexes) {
            long address = places.address(index);
            batch.add(address, targets[open[(int) ((address >>> STRIPE) % open.length)]]);
        }
        requireAlive(batch.size());
        long result = ofMemory(batch.move(process.pid(), sharedToo));
        requireAlive(batch.size());
        if (!concernsPages(result)) {
            throw new ErrnoException(CALL, operands(batch.size()), (int) -result);
        }
        begin();
        BitSet blocking = blockingGroup(batch);
        boolean noMemory = result == -Linux.ENOMEM();
        if (noMemory) {
            int blocked = blocking.isEmpty() ? 0 : blocking.nextSetBit(0);
            refusals[Arrays.binarySearch(targets, batch.node(blocked))]++;
        }
        List<Integer> uncertain = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            int index = indexes.get(i);
            int status = batch.status(i);
            boolean tried = status != MovePages.UNTOUCHED || blocking.get(i);
            attempts[index] += tried ? 1 : 0;
            if (status >= 0 && nodes.contains(status)) {
                change(index, fate(PageFate.MOVED));
            } else {
                uncertain.add(index);
                change(index, fate(afterMoving(status, batch.address(i), untold(tried, noMemory, allFull(refusals)))));
            }
        }
        return uncertain.isEmpty() ? uncertain : notThereYet(uncertain, places, batch, attempts);
    }

    private static boolean allFull(int[] refusals) {
        return IntStream.of(refusals).allMatch(count -> count >= REFUSALS_OF_A_FULL_NODE);
    }

    /** What became of a page of which the kernel does not tell. */
    private static PageFate untold(boolean tried, boolean noMemory, boolean allFull) {
        if (allFull || (tried && noMemory)) {
            return PageFate.NO_MEMORY;
        }
        return tried ? PageFate.BUSY : PageFate.NOT_ATTEMPTED;
    }

    /**
     * Since Linux 4.17 it goes no further than the first group of which a page could not be moved, and tells nothing of it. A
     * huge page makes a group with its first page, since it tells of the second that it is busy: with the first.
     */
    private static BitSet blockingGroup(MovePages batch) {
        var group = new BitSet(batch.size());
        int first = 0;
        while (first < batch.size() && batch.status(first) != MovePages.UNTOUCHED) {
            first++;
        }
        int end = first;
        while (end < batch.size() && batch.status(end) == MovePages.UNTOUCHED && batch.node(end) == batch.node(first)) {
            end++;
        }
        group.set(first, end);
        if (first < end && end < batch.size() && batch.status(end) == -Linux.EBUSY()) {
            long hugePage = batch.address(end - 1) >>> STRIPE;
            for (int i = end; i < batch.size() && batch.address(i) >>> STRIPE == hugePage; i++) {
                group.set(i);
            }
        }
        return group;
    }

    /** Without any page to move it says ENOENT, and where the nodes are full ENOMEM, whatever was moved before. */
    private static boolean concernsPages(long result) {
        return result >= 0 || result == -Linux.ENOENT() || result == -Linux.EINTR() || result == -Linux.ENOMEM();
    }

    private PageFate afterMoving(int status, long address, PageFate untold) {
        return status >= 0 || status == MovePages.UNTOUCHED ? untold : failed(-status, address);
    }

    private List<Integer> notThereYet(List<Integer> uncertain, MovePages places, MovePages batch, int[] attempts) {
        List<Integer> left = new ArrayList<>(markMoved(uncertain, places, batch));
        left.removeIf(index -> attempts[index] >= ATTEMPTS || !mayMoveLater(verdict(index)));
        left.sort(Comparator.comparingInt(index -> attempts[index]));
        return left;
    }

    private boolean mayMoveLater(Verdict<MovedRange> verdict) {
        return verdict.equals(fate(PageFate.BUSY))
                || verdict.equals(fate(PageFate.NOT_ATTEMPTED))
                || (targets.length > 1 && verdict.equals(fate(PageFate.NO_MEMORY)));
    }

    @Override
    Verdict<MovedRange> ofSpecialMapping() {
        return fate(PageFate.NOT_MOVABLE);
    }

    @Override
    Verdict<MovedRange> ofProcessGone() {
        return fate(PageFate.NOT_REACHED);
    }

    @Override
    Verdict<MovedRange> ofNotAsked() {
        return fate(PageFate.NOT_ATTEMPTED);
    }
}
