package dev.remora;

import dev.remora.addressspace.MemoryRange;

/**
 * What became of one range, or of a part of one. The parts of an {@link AdviceOutcome} come in the order of the
 * request, leave no byte out and count none twice.
 */
public sealed interface RangeOutcome {

    /** {@return the range that this is about} */
    MemoryRange range();

    /**
     * The kernel accepted the advice for every page of the range. What it did about it is its own business: {@link
     * Advice} says when it silently does nothing.
     *
     * @param range the range that was advised
     */
    record Advised(MemoryRange range) implements RangeOutcome {}

    /**
     * The range was not advised.
     *
     * @param range the range that was left out
     * @param reason why
     * @param errno what the kernel answered, as in {@code errno(3)}; 0 where it was not even asked
     */
    record Skipped(MemoryRange range, SkipReason reason, int errno) implements RangeOutcome {}

    /**
     * The verb came to its end before this range, because the process was gone, or the verb was stopped.
     *
     * @param range the range that was not reached
     */
    record NotReached(MemoryRange range) implements RangeOutcome {}
}
