package dev.remora;

import java.time.Duration;

/**
 * How far advice has come, as a listener of {@link AdviceRequest#onProgress} is told after each batch. The bytes never
 * shrink, and add up to no more than what was requested.
 */
public interface AdviceProgress {

    /** {@return the bytes that were asked for} */
    long requestedBytes();

    /** {@return the bytes for which the kernel accepted the advice so far} */
    long advisedBytes();

    /** {@return the bytes that were left out so far} */
    long skippedBytes();

    /** {@return the time since the verb began to ask the kernel} */
    Duration elapsed();

    /**
     * Ends the verb before the next batch: the outcome is {@link AdviceOutcome.Stopped} then, unless this was the last one.
     * Can be called from any thread, and more than once.
     */
    void cancel();
}
