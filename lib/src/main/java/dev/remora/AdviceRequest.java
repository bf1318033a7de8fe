package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Advice for a selection, and how it is to be given: how many threads, how fast, in which portions, and who is told. An
 * immutable value, as selections are: it can be kept, used again, and used by several threads.
 *
 * {@snippet file="Manners.java" region="manner"}
 *
 * <p>The calling thread can be interrupted, between batches and while it waits: the outcome is {@link
 * AdviceOutcome.Stopped} then, with what was done, and the interrupt status stays set. That is so for advice without a
 * manner as well.
 *
 * <p>Privileges, first kernels and failures are those of {@link Selection} and {@link Advice}.
 */
@CheckReturnValue
public final class AdviceRequest {

    private static final int MOST_THREADS = 1024;

    private final Selection selection;
    private final AdviceManner manner;

    private AdviceRequest(Selection selection, AdviceManner manner) {
        this.selection = selection;
        this.manner = manner;
    }

    static AdviceRequest of(Selection selection) {
        return new AdviceRequest(selection, AdviceManner.USUAL);
    }

    /**
     * {@return the same with several threads, of which the calling one is one} Advice is work for the kernel, done by the
     * thread that asks: to page out takes a CPU to compress memory or waits for a disk. The outcome is the same as with one
     * thread. Where not so many threads can be started, it is done with fewer.
     *
     * @param threads how many, from 1 to 1024
     * @throws IllegalArgumentException if the number is out of that range
     */
    public AdviceRequest inParallel(int threads) {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("Advice is given by 1 to " + MOST_THREADS + " threads, and " + threads
                    + " is not in that range: name as many as CPUs are to work on it");
        }
        return with(manner.inParallel(threads));
    }

    /**
     * {@return the same at a pace} After each batch it waits until the next one is due. A paced verb makes batches of a
     * twentieth of what is due in a second, unless {@link #batchesOf} makes them smaller; it makes up for a twentieth at most when
     * it was late. Only bytes for which the kernel is
     * asked count; a kernel that is slower is not waited for.
     *
     * @param bytesPerSecond the most bytes of address space to ask for in a second, at least 1; several threads share it
     * @throws IllegalArgumentException if the pace is less than 1
     */
    public AdviceRequest pacedAt(long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("A pace is 1 byte a second or more, and " + bytesPerSecond + " is less");
        }
        return with(manner.pacedAt(bytesPerSecond));
    }

    /**
     * {@return the same with at most so many bytes for each call of the kernel} The kernel holds the lock on the mappings of
     * the process for the whole of a call, shared with page faults but not with {@code mmap(2)}, {@code munmap(2)} and the
     * start of threads, which wait for it: small batches keep those waits short. Batches of huge pages are cut between them
     * if they are as large, and {@link #collapse()} makes batches of a huge page at least.
     *
     * @param bytes the most bytes of address space, at least a page; rounded down to whole pages
     * @throws IllegalArgumentException if it is less than a page
     */
    public AdviceRequest batchesOf(long bytes) {
        if (bytes < selection.memory().pageSize()) {
            throw new IllegalArgumentException("A batch is a page of "
                    + selection.memory().pageSize() + " bytes or more, and " + bytes + " is less");
        }
        return with(manner.batchesOf(bytes));
    }

    /**
     * {@return the same, telling a listener after each batch} It is called by the thread that has done the batch, one at a
     * time, and the verb waits for it. What it throws ends the verb, and is thrown by it; to keep the outcome, use {@link
     * AdviceProgress#cancel()}.
     *
     * @param listener who is told; in the place of one given before
     */
    public AdviceRequest onProgress(Consumer<? super AdviceProgress> listener) {
        return with(manner.onProgress(Objects.requireNonNull(listener, "listener")));
    }

    /**
     * {@return the same, with its effect measured: {@link AdviceOutcome#effect()}} For that {@code smaps} is read before and
     * after, for which the kernel walks the page tables of the whole process: some 10 ms for each GiB in small pages, twice.
     */
    public AdviceRequest measured() {
        return with(manner.withMeasuring());
    }

    /**
     * {@return the same, with another way to deal with too little swap} Only {@link #pageOut()} looks at it.
     *
     * @param guard what is done with memory for which there is no room in swap; otherwise {@link SwapGuard#LEAVE}
     */
    public AdviceRequest swapGuard(SwapGuard guard) {
        return with(manner.with(Objects.requireNonNull(guard, "guard")));
    }

    /**
     * {@return the same, with other limits for huge pages} Only {@link #collapse()} looks at them.
     *
     * @param limits which huge pages are made; otherwise {@link CollapseLimits#USUAL}
     */
    public AdviceRequest collapseLimits(CollapseLimits limits) {
        return with(manner.with(Objects.requireNonNull(limits, "limits")));
    }

    /**
     * {@return what the advice would read and call now, without being given: a dry run} It looks at what it would look at: the
     * mappings, swap for {@code PAGEOUT}, each window for {@code COLLAPSE}. So it knows which ranges would be left out, and how
     * often the kernel would be asked for the rest, in these batches and by so many threads. What the kernel would refuse it
     * does not know. A layout that has changed since it was seen ({@link Selection#unlessChanged}) is not looked for.
     *
     * {@snippet file="Planned.java" region="advice"}
     *
     * @param advice the advice
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not read what it looks at
     * @throws UnsupportedKernelException if the kernel does not know {@link Advice#COLLAPSE}
     * @throws IllegalStateException if the memory was closed
     */
    public VerbPlan plan(Advice advice) {
        return selection.memory().acting().plan(selection, Objects.requireNonNull(advice, "advice"), manner);
    }

    private AdviceRequest with(AdviceManner another) {
        return new AdviceRequest(selection, another);
    }

    /**
     * Asks the kernel to take the selected memory out of RAM now: {@link Selection#pageOut()} in this manner.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public AdviceOutcome pageOut() {
        return advise(Advice.PAGEOUT);
    }

    /**
     * Tells the kernel that the selected memory is not expected to be needed soon: {@link Selection#markCold()} in this
     * manner.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public AdviceOutcome markCold() {
        return advise(Advice.COLD);
    }

    /**
     * Asks the kernel to read the selected memory ahead: {@link Selection#prefetch()} in this manner.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public AdviceOutcome prefetch() {
        return advise(Advice.WILLNEED);
    }

    /**
     * Asks the kernel to collapse the selected memory into huge pages: {@link Selection#collapse()} in this manner.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public AdviceOutcome collapse() {
        return advise(Advice.COLLAPSE);
    }

    /**
     * Gives advice for the selected memory in this manner.
     *
     * @param advice the advice
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public AdviceOutcome advise(Advice advice) {
        return selection.memory().acting().advise(selection, Objects.requireNonNull(advice, "advice"), manner);
    }

    /** {@return what is selected, and the manner} */
    @Override
    public String toString() {
        return selection + manner.words();
    }
}
