package dev.remora;

/**
 * What {@code pageOut} does with memory that only swap can take, when there is not enough room in it. Then the kernel
 * accepts the advice, says that all went well, and leaves the memory where it is.
 *
 * {@snippet file="Measuring.java" region="guard"}
 *
 * <p>Such memory is what is anonymous, what a process has changed of private file mappings, and shared memory: memfds, System
 * V, files of a tmpfs such as {@code /dev/shm}. The guard looks at {@code /proc/swaps} first, and at what the cgroups (version 2)
 * of the process let it have in swap. Only if that is less than the selection has bytes of address space, it reads {@code smaps}, for which the kernel walks the page tables of the process, and compares what is free
 * with what of the mappings that the selection touches is in RAM and needs swap. If that is still too much, the guard stands
 * before anonymous and shared memory that is in RAM; the rest is paged out.
 *
 * <p>What it does not know: how well memory compresses; limits of cgroups that are out of sight from the caller's; and that others
 * fill it meanwhile. {@link AdviceRequest#measured()} tells what became of it.
 */
public enum SwapGuard {
    /** It is left where it is: {@link SkipReason#NO_SWAP}. The default. */
    LEAVE,

    /**
     * It is marked cold, so that the kernel takes it first once there is room: {@link SkipReason#COLD_INSTEAD}, or why it
     * could not be.
     */
    MARK_COLD,

    /** It is paged out as far as there is room, without a look at the swap; the outcome does not tell how far that was. */
    OFF
}
