package dev.remora;

import dev.remora.addressspace.MemoryRange;

/**
 * What became of one range, or of a part of one, that was to be placed. The parts of a {@link PlacementOutcome} come in
 * the order of the request, leave no byte out and count none twice.
 */
public sealed interface PlacedRange {

    /** {@return the range that this is about} */
    MemoryRange range();

    /**
     * The range has the policy.
     *
     * @param range the range
     */
    record Placed(MemoryRange range) implements PlacedRange {}

    /**
     * The range has the policy, but not all of its pages could be moved to the nodes of it ({@code EIO} of a strict
     * placement that moves pages). They were busy, pinned, or shared with another process.
     *
     * @param range the range
     */
    record PlacedNotMoved(MemoryRange range) implements PlacedRange {}

    /**
     * The range has the policy, but not everywhere the home node of it. It counts as skipped; whether all pages were moved is
     * not told.
     *
     * @param range the range
     * @param errno what the kernel answered when it was to set the home node, as in {@code errno(3)}; 0 where the process
     *     could not be made to ask for it
     */
    record PlacedWithoutHomeNode(MemoryRange range, int errno) implements PlacedRange {}

    /**
     * The range was left out, and has the policy that it had.
     *
     * @param range the range
     * @param reason why
     * @param errno what the kernel answered, as in {@code errno(3)}; 0 where it was not even asked
     */
    record Skipped(MemoryRange range, SkipReason reason, int errno) implements PlacedRange {}

    /**
     * The placement came to its end before this range, because the process was gone.
     *
     * @param range the range
     */
    record NotReached(MemoryRange range) implements PlacedRange {}
}
