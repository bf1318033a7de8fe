package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.addressspace.AddressSpace;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.procfs.RangeList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of the memory of one process, and the verbs that act on it.
 *
 * <p>A selection is an immutable value: it can be kept, used again, and used by several threads. Each verb finds out
 * anew which ranges are meant and acts on them with as few system calls as the kernel allows: vectors of up to 1024
 * ranges and 0x7ffff000 bytes. It goes on past holes and past mappings that refuse, and returns one outcome for all.
 *
 * <p>Privileges: the kernel asks for {@code CAP_SYS_NICE} in the initial user namespace and for the right to read the
 * process as {@code ptrace(2)} has it (Linux 5.12 and newer; before, the right to attach; from 6.15 on, {@code CAP_PERFMON} is
 * enough to read). What of it is missing, {@link PermissionDeniedException#missingRights()} says. Source: {@code
 * process_madvise(2)}, {@code mm/madvise.c}.
 *
 * <p>All verbs have these failures in common:
 *
 * <ul>
 *   <li>{@link PermissionDeniedException}: the caller may not advise this process; nothing was done;
 *   <li>{@link UnsupportedKernelException}: the kernel is too old for the advice; nothing was done;
 *   <li>{@link IllegalStateException}: the {@link RemoteMemory} was closed.
 * </ul>
 */
@CheckReturnValue
public abstract sealed class Selection permits RangeSelection, MappingSelection {

    static final String MAPS = "/proc/PID/maps";

    private final RemoteMemory memory;
    private final @Nullable LayoutGuard guard;

    Selection(RemoteMemory memory, @Nullable LayoutGuard guard) {
        this.memory = memory;
        this.guard = guard;
    }

    @Nullable
    final LayoutGuard guard() {
        return guard;
    }

    /** Does what a verb does, under the guard if there is one. */
    final <T> T guarded(Function<Selection, T> verb, LayoutGuard.Words<T> words) {
        return guard == null ? verb.apply(this) : guard.run(this, verb, words);
    }

    /** The files that are read to find the ranges. */
    abstract List<String> readsToFind();

    /** The same, and those that are read for the guard. */
    final List<String> reads() {
        List<String> reads = new ArrayList<>(readsToFind());
        if (guard != null) {
            reads.addAll(List.of(MAPS, MAPS));
        }
        return reads;
    }

    /**
     * {@return what verbs would read and call for this now, without doing it} The mappings are read, to know which ranges are
     * meant; so is what the swap guard reads. {@link AdviceRequest#plan} tells it of advice in another manner, and of {@code
     * collapse}, which looks closer.
     *
     * {@snippet file="Planned.java" region="selection"}
     *
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws IllegalStateException if the memory was closed
     */
    public final SelectionPlan plan() {
        return memory.plan(this);
    }

    /**
     * {@return what advice would read and call for this now: {@link AdviceRequest#plan}}
     *
     * @param advice the advice
     */
    public final VerbPlan plan(Advice advice) {
        return AdviceRequest.of(this).plan(advice);
    }

    /**
     * {@return the same, for verbs that act only if the memory is still laid out as it was} A verb reads the mappings and
     * compares those of the ranges that it is about to act on: protection, sharing, file and offset, and name, but for that of
     * the stack, which the kernel names in one of its parts only. If any differs, it
     * does nothing: {@link AdviceOutcome.LayoutChanged}. Otherwise it acts on these ranges and no others, and compares once
     * more: where the layout has changed meanwhile, what was done may have met something else, and is {@link
     * AdviceOutcome.InDoubt}. Other outcomes have the same two.
     *
     * {@snippet file="Unchanged.java" region="unless-changed"}
     *
     * <p>What it cannot see: memory that was unmapped and mapped again alike, and what is in it. It does not keep the process
     * from changing its layout: that takes {@code whileFrozen}. What only looks ({@link #nodes()}, {@link
     * #residency()}, {@link #writtenSince}, {@link #whatIsCold}, {@link #plan()}) looks at what is there, and {@link #mark()}
     * refuses the condition.
     *
     * @param before what was seen; ranges of which it has nothing count as holes then
     */
    public abstract Selection unlessChanged(AddressSpace before);

    final RemoteMemory memory() {
        return memory;
    }

    /** The ranges that are meant now, or throws {@link dev.remora.syscall.ErrnoException}. */
    abstract RangeList ranges();

    /** What is known of advice that was given in the usual manner before. */
    @Nullable
    RepeatedAdvice repeated(Advice advice) {
        return null;
    }

    /** Takes note of what became of advice in the usual manner. */
    void given(AdviceOutcome outcome) {}

    /**
     * Asks the kernel to take the selected memory out of RAM now. {@link Advice#PAGEOUT} says what it silently leaves
     * alone. Memory for which there is no room in swap is left out, and the outcome names it: {@link SwapGuard}.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome pageOut() {
        return advise(Advice.PAGEOUT);
    }

    /**
     * Tells the kernel that the selected memory is not expected to be needed soon: {@link Advice#COLD}.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome markCold() {
        return advise(Advice.COLD);
    }

    /**
     * Asks the kernel to read the selected memory ahead from swap or from its files: {@link Advice#WILLNEED}.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome prefetch() {
        return advise(Advice.WILLNEED);
    }

    /**
     * Asks the kernel to collapse the selected memory into transparent huge pages now: {@link Advice#COLLAPSE}. Only huge
     * pages are made of which most is in RAM, and the process grows within a limit: {@link CollapseLimits#USUAL}. The outcome
     * always has its {@link AdviceOutcome#effect() effect}: how much is huge, and how much the process grew.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome collapse() {
        return advise(Advice.COLLAPSE);
    }

    /**
     * Gives advice for the selected memory.
     *
     * @param advice the advice
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome advise(Advice advice) {
        return memory.acting().advise(this, Objects.requireNonNull(advice, "advice"), AdviceManner.USUAL);
    }

    /**
     * {@return advice for this by several threads: {@link AdviceRequest#inParallel}}
     *
     * @param threads how many, from 1 to 1024
     * @throws IllegalArgumentException if the number is out of that range
     */
    public final AdviceRequest inParallel(int threads) {
        return AdviceRequest.of(this).inParallel(threads);
    }

    /**
     * {@return advice for this at a pace: {@link AdviceRequest#pacedAt}}
     *
     * @param bytesPerSecond the most bytes of address space to ask for in a second, at least 1
     * @throws IllegalArgumentException if the pace is less than 1
     */
    public final AdviceRequest pacedAt(long bytesPerSecond) {
        return AdviceRequest.of(this).pacedAt(bytesPerSecond);
    }

    /**
     * {@return advice for this in batches: {@link AdviceRequest#batchesOf}}
     *
     * @param bytes the most bytes of address space for each call of the kernel, at least a page
     * @throws IllegalArgumentException if it is less than a page
     */
    public final AdviceRequest batchesOf(long bytes) {
        return AdviceRequest.of(this).batchesOf(bytes);
    }

    /**
     * {@return advice for this that tells how far it has come: {@link AdviceRequest#onProgress}}
     *
     * @param listener who is told after each batch
     */
    public final AdviceRequest onProgress(Consumer<? super AdviceProgress> listener) {
        return AdviceRequest.of(this).onProgress(listener);
    }

    /**
     * {@return advice for this whose effect is measured: {@link AdviceRequest#measured}}
     */
    public final AdviceRequest measured() {
        return AdviceRequest.of(this).measured();
    }

    /**
     * {@return advice for this with another way to deal with too little swap: {@link AdviceRequest#swapGuard}}
     *
     * @param guard what is done with memory for which there is no room in swap
     */
    public final AdviceRequest swapGuard(SwapGuard guard) {
        return AdviceRequest.of(this).swapGuard(guard);
    }

    /**
     * {@return advice for this with other limits for huge pages: {@link AdviceRequest#collapseLimits}}
     *
     * @param limits which huge pages are made
     */
    public final AdviceRequest collapseLimits(CollapseLimits limits) {
        return AdviceRequest.of(this).collapseLimits(limits);
    }

    /**
     * Sets the memory policy of the selected memory, and moves its pages accordingly: {@link
     * #place(Placement, Mechanism)} by {@link Mechanism#KERNEL}, with {@link Placement#of(MemoryPolicy)}.
     *
     * <p>No released kernel has the system call that this takes; without a kernel that was built with it, this fails with a
     * message that names the other ways.
     *
     * @param policy from which nodes the kernel is to take memory
     * @return what became of each range
     * @throws UnsupportedKernelException if no number of {@code process_mbind} was configured, or it is not its number here
     * @throws IllegalArgumentException if the policy names nodes that the process cannot have memory on
     * @throws RemoteMemoryException if nothing could be done
     * @throws IllegalStateException if the memory was closed
     */
    public final PlacementOutcome place(MemoryPolicy policy) {
        return place(Placement.of(policy), Mechanism.KERNEL);
    }

    /**
     * Sets the memory policy of the selected memory, and moves its pages accordingly: {@link
     * #place(Placement, Mechanism)} with {@link Placement#of(MemoryPolicy)}.
     *
     * @param policy from which nodes the kernel is to take memory
     * @param mechanism how it is done
     * @return what became of each range
     * @throws UnsupportedKernelException if this kernel does not know the policy or the mechanism
     * @throws IllegalArgumentException if the policy names nodes that the process cannot have memory on
     * @throws RemoteMemoryException if nothing could be done
     * @throws IllegalStateException if the memory was closed
     */
    public final PlacementOutcome place(MemoryPolicy policy, Mechanism mechanism) {
        return place(Placement.of(policy), mechanism);
    }

    /**
     * Sets the memory policy of the selected memory.
     *
     * {@snippet file="Placing.java" region="place"}
     *
     * <p>The policy applies to pages that the process will touch; what becomes of those that are there, the placement says.
     * Afterwards {@code numa_maps} of the process is read, and the outcome tells how much of the memory shows the policy
     * there. For that the kernel counts all pages of the process, which takes some 12 ms for each GiB of small pages.
     *
     * <p>Privileges and first kernel: those of the {@link Mechanism}, and of the policy. Source: {@code mbind(2)}, {@code
     * mm/mempolicy.c}, {@code ptrace(2)}.
     *
     * @param placement the policy, and what becomes of pages
     * @param mechanism how it is done
     * @return what became of each range; {@link PlacementOutcome.NotInjected} if the process could not be made to do it
     * @throws UnsupportedKernelException if this kernel does not know the policy or the mechanism
     * @throws IllegalArgumentException if the policy names nodes that do not exist, have no memory, or that the cpuset of
     *     the process does not allow
     * @throws PermissionDeniedException if the caller lacks a right that the mechanism takes
     * @throws UnsupportedOperationException if the mechanism is {@link Mechanism#INJECTED} and the process is this one, or
     *     this is not x86-64
     * @throws RemoteMemoryException if nothing could be done for another reason
     * @throws IllegalStateException if the memory was closed
     */
    public final PlacementOutcome place(Placement placement, Mechanism mechanism) {
        Objects.requireNonNull(placement, "placement");
        Objects.requireNonNull(mechanism, "mechanism");
        return memory.acting().place(this, placement, mechanism);
    }

    /**
     * Moves the pages of the selected memory that are in RAM to some nodes. A page on any of them stays; the others are
     * spread over them, 2 MiB after 2 MiB. No policy is set: pages that the process touches later come from where its
     * policies say.
     *
     * {@snippet file="Placing.java" region="move"}
     *
     * <p>Pages that other processes map too stay ({@link PageFate#SHARED}). Busy pages are tried again a few times.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to read the process. Kernel: Linux 2.6.18. Source: {@code
     * move_pages(2)}, {@code mm/migrate.c}. The kernel takes the process by its number: whether it still was the one that
     * was opened is found out directly before and after each call, and what a call did to nobody knows whom is not
     * reported as done.
     *
     * @param nodes the nodes to go to, at least one
     * @return what became of each page
     * @throws IllegalArgumentException if the set is empty, or has nodes that do not exist, have no memory, or that the
     *     cpuset of the process does not allow
     * @throws PermissionDeniedException if the caller may not move memory of the process
     * @throws UnsupportedKernelException if the kernel was built without NUMA
     * @throws RemoteMemoryException if nothing could be done for another reason
     * @throws IllegalStateException if the memory was closed
     */
    public final MoveOutcome moveTo(NodeSet nodes) {
        return memory.acting().moveTo(this, Objects.requireNonNull(nodes, "nodes"), false);
    }

    /**
     * The same as {@link #moveTo(NodeSet)}, for pages that other processes map too: they move for all of them.
     *
     * <p>Privileges: CAP_SYS_NICE beside those of {@link #moveTo(NodeSet)}.
     *
     * @param nodes the nodes to go to, at least one
     * @return what became of each page
     * @throws IllegalArgumentException if the set is empty, or has nodes that do not exist, have no memory, or that the
     *     cpuset of the process does not allow
     * @throws PermissionDeniedException if the caller may not move memory of the process
     * @throws UnsupportedKernelException if the kernel was built without NUMA
     * @throws RemoteMemoryException if nothing could be done for another reason
     * @throws IllegalStateException if the memory was closed
     */
    public final MoveOutcome moveIncludingSharedTo(NodeSet nodes) {
        return memory.acting().moveTo(this, Objects.requireNonNull(nodes, "nodes"), true);
    }

    /**
     * {@return on which nodes the pages of the selected memory are now} None is brought in for that.
     *
     * {@snippet file="Placing.java" region="nodes"}
     *
     * <p>Each page is asked for, also in large parts that are reserved and empty: {@code within} and {@code atLeast} help
     * to leave those out. Privileges, kernel and source: see {@link #moveTo(NodeSet)}.
     *
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not look at memory of the process
     * @throws UnsupportedKernelException if the kernel was built without NUMA
     * @throws RemoteMemoryException if nothing could be done for another reason
     * @throws IllegalStateException if the memory was closed
     */
    public final PageLocations nodes() {
        return memory.acting().locate(this);
    }

    /**
     * {@return in which state the pages of the selected memory are: in RAM, in swap, huge, and so on} None is brought in for
     * that.
     *
     * {@snippet file="Pages.java" region="residency"}
     *
     * <p>It is one look at each page, while the process runs on; pages may have come and gone before it is over. The kernel
     * passes over what is empty at once, so large reserved memory costs nothing. For each GiB of small pages that are in RAM it
     * takes some 11 ms.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to read the process, and to open its {@code pagemap}: that belongs to
     * the user of the process, so for another user's it takes CAP_DAC_READ_SEARCH or CAP_DAC_OVERRIDE beside CAP_SYS_PTRACE.
     * Kernel: Linux 6.7 ({@code PAGEMAP_SCAN}); before, an entry of each page is read, also where nothing is, and less is
     * known: {@link Residency#unknown()}. Source: {@code PAGEMAP_SCAN(2const)}, {@code fs/proc/task_mmu.c}.
     *
     * @throws NoSuchProcessException if the process has ended; it is never told of as empty
     * @throws PermissionDeniedException if the caller may not read the process
     * @throws IllegalStateException if the memory was closed
     */
    public final Residency residency() {
        return memory.residency(this);
    }

    /**
     * Marks all pages of the selected memory, so that {@link #writtenSince(PageMark)} tells which of them the process writes from
     * now on. A later mark of the same {@link RemoteMemory} takes its place, and so does one that somebody else makes.
     *
     * <p>What is mapped now is marked. This takes a process that had its writes to the memory tracked: {@code userfaultfd(2)} with {@code
     * UFFD_FEATURE_WP_ASYNC} and {@code UFFD_FEATURE_WP_UNPOPULATED}, registered for write-protection; nobody can do that from
     * outside. The first write to each page after a mark costs the process a page fault of a microsecond or so.
     *
     * <p>Privileges: those of {@link #residency()}. Kernel: Linux 6.7. Source: {@code PAGEMAP_SCAN(2const)}, {@code userfaultfd(2)}.
     *
     * @return the mark
     * @throws UnsupportedOperationException if the selection has the condition {@link #unlessChanged}
     * @throws WritesNotTrackedException if the process does not have its writes to some of the memory tracked, or the
     *     kernel cannot mark pages of hugetlbfs there because it marks only whole ones, and none of 1 GiB; another part may
     *     have been marked
     * @throws UnsupportedKernelException if the kernel is too old
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not read the process
     * @throws IllegalStateException if the memory was closed
     */
    public final PageMark mark() {
        if (guard != null) {
            throw new UnsupportedOperationException("Marking knows no condition, and " + this
                    + " has one: mark the same" + " selection without unlessChanged");
        }
        return memory.mark(this);
    }

    /**
     * {@return which pages of the selected memory the process wrote since a mark} Asking changes nothing: the mark stays.
     *
     * {@snippet file="Pages.java" region="written"}
     *
     * <p>Memory that the process gave back and touched again counts as written, and so does what the kernel wrote for it; but
     * kernels before the summer of 2026 do not tell of a whole huge page that was given back, and of memory that was empty at the
     * mark they tell 2 MiB for the first page that is written in it. Writes of other processes to shared memory do not count. Privileges, kernel and source: see {@link #mark()}.
     *
     * @param mark the last mark of the same {@link RemoteMemory}
     * @throws IllegalArgumentException if it is another one
     * @throws WritesNotTrackedException if the process has mapped something else in place of marked memory
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not read the process
     * @throws IllegalStateException if the memory was closed
     */
    public final WrittenPages writtenSince(PageMark mark) {
        return memory.writtenSince(this, mark);
    }

    /**
     * {@return which of the selected mappings the process did not use since a mark} Reading, writing and executing is use, that of
     * other processes too, if they share the pages.
     *
     * {@snippet file="Pages.java" region="cold"}
     *
     * <p>The kernel tells it for whole mappings: one byte used of a heap makes all of it used. To find what is cold within one, {@link
     * #writtenSince(PageMark)} tells of pages, but only of writes.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to read the process. It reads {@code smaps}, for which the kernel walks the
     * page tables of the whole process: some 10 ms for each GiB in small pages. Kernel: Linux 2.6.22. Source: {@code
     * proc_pid_smaps(5)}.
     *
     * @param mark when to begin: what {@link RemoteMemory#markUse} of the same process returned
     * @throws IllegalArgumentException if the mark is on another process
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not read the process
     * @throws IllegalStateException if the memory was closed
     */
    public final ColdMemory whatIsCold(UseMark mark) {
        return memory.whatIsCold(this, mark);
    }
}
