package dev.remora;

import java.util.List;

/** Why a part of a range was left out. Skipped bytes never count as advised or placed. */
public enum SkipReason {
    /** Nothing is mapped there ({@code ENOMEM}; {@code EFAULT} beyond what this kernel gives a process). */
    HOLE("nothing is mapped here"),

    /** The mapping is locked in RAM by {@code mlock(2)} ({@code EINVAL}). */
    LOCKED("locked in RAM by mlock"),

    /** The mapping is made of pages from the hugetlb pool, which the kernel neither swaps nor ages ({@code EINVAL}). */
    HUGETLB("hugetlb pages are never paged out"),

    /**
     * The mapping belongs to the kernel or to a device ({@code EINVAL}, or not even asked): {@code [vvar]},
     * {@code [vdso]}, a driver.
     */
    SPECIAL_MAPPING("memory of the kernel or of a device"),

    /** The caller lost the right to look after this process while the verb was running ({@code EPERM}). */
    NOT_PERMITTED("the right to do this was lost midway"),

    /** The memory stayed busy through every attempt ({@code EAGAIN}, {@code EBUSY}). A later call may succeed. */
    BUSY("stayed busy; try again later"),

    /** The kernel had no memory for the work: no huge page to collapse into ({@code ENOMEM}). */
    OUT_OF_MEMORY("the kernel had no memory for the work"),

    /**
     * Memory that cannot become huge pages as it is ({@code EINVAL} of {@link Advice#COLLAPSE}); parts may have been.
     */
    NOT_COLLAPSIBLE("cannot become huge pages as it is"),

    /** The kernel does not do this for this memory: it was built without swap, for example ({@code EBADF}). */
    NOT_SUPPORTED("this kernel does not do it for this memory"),

    /**
     * It has pages on nodes that the policy does not name, and a strict placement that leaves pages does not take place
     * then ({@code EIO}).
     */
    PAGES_ELSEWHERE("has pages on other nodes, so a strict placement left it as it was"),

    /** The process could not be made to execute the call: {@link PlacementOutcome.NotInjected} says why, or it began to. */
    NOT_INJECTED("the process could not be made to place it"),

    /** There is not enough room in swap for it, and {@link SwapGuard} left it where it is: not even asked. */
    NO_SWAP("there is not enough room in swap"),

    /** There is not enough room in swap for it, so that it was marked cold instead: {@link SwapGuard#MARK_COLD}. */
    COLD_INSTEAD("marked cold instead, as there is not enough room in swap"),

    /** It is smaller than a huge page, or lies beside the last or first whole one: not even asked. */
    NO_HUGE_PAGE("is no whole huge page"),

    /** Too little of the huge page is in RAM, see {@link CollapseLimits}: not even asked. */
    TOO_LITTLE_IN_RAM("too little of the huge page is in RAM"),

    /** The process would have grown too much, see {@link CollapseLimits}: not even asked. */
    GROWTH_LIMIT("the process would grow beyond the limit"),

    /** The process changed its mappings here while the verb was running; parts may have been advised. */
    LAYOUT_CHANGED("the mappings changed meanwhile"),

    /**
     * The kernel refused for another reason; {@link RangeOutcome.Skipped#errno()} says which. It is 0 when the kernel
     * named none and yet made no progress.
     */
    REFUSED("refused");

    private static final List<SkipReason> ALL = List.of(values());

    private final String explanation;

    SkipReason(String explanation) {
        this.explanation = explanation;
    }

    /** What stands for it in a list of ranges, which knows nothing of reasons; never 0. */
    int number() {
        return ALL.indexOf(this) + 1;
    }

    static SkipReason ofNumber(int number) {
        return ALL.get(number - 1);
    }

    /** {@return the reason in a few words for people} */
    public String explanation() {
        return explanation;
    }
}
