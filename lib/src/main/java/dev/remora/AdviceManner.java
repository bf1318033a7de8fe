package dev.remora;

import dev.remora.addressspace.ByteSize;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How advice is given; {@link AdviceRequest} tells users of it. */
record AdviceManner(
        int threads,
        long bytesPerSecond,
        long batchBytes,
        @Nullable Consumer<? super AdviceProgress> listener,
        boolean measured,
        SwapGuard swapGuard,
        CollapseLimits collapseLimits) {

    static final AdviceManner USUAL =
            new AdviceManner(1, Long.MAX_VALUE, Long.MAX_VALUE, null, false, SwapGuard.LEAVE, CollapseLimits.USUAL);

    boolean usual() {
        return equals(USUAL);
    }

    boolean paced() {
        return bytesPerSecond < Long.MAX_VALUE;
    }

    /** In words, each with a comma before it. */
    String words() {
        return (threads > 1 ? ", by " + threads + " threads" : "")
                + (paced() ? ", at " + ByteSize.format(bytesPerSecond) + " a second" : "")
                + (batchBytes < Long.MAX_VALUE ? ", in batches of " + ByteSize.format(batchBytes) : "")
                + (measured ? ", measured" : "")
                + (swapGuard == SwapGuard.LEAVE ? "" : ", swap guard " + swapGuard)
                + (collapseLimits.equals(CollapseLimits.USUAL)
                        ? ""
                        : ", huge pages of which " + collapseLimits.leastResidentPercent()
                                + " percent are in RAM, growing by " + ByteSize.format(collapseLimits.mostGrowthBytes())
                                + " at most");
    }

    AdviceManner inParallel(int number) {
        return new AdviceManner(number, bytesPerSecond, batchBytes, listener, measured, swapGuard, collapseLimits);
    }

    AdviceManner pacedAt(long bytes) {
        return new AdviceManner(threads, bytes, batchBytes, listener, measured, swapGuard, collapseLimits);
    }

    AdviceManner batchesOf(long bytes) {
        return new AdviceManner(threads, bytesPerSecond, bytes, listener, measured, swapGuard, collapseLimits);
    }

    AdviceManner onProgress(Consumer<? super AdviceProgress> another) {
        return new AdviceManner(threads, bytesPerSecond, batchBytes, another, measured, swapGuard, collapseLimits);
    }

    AdviceManner withMeasuring() {
        return new AdviceManner(threads, bytesPerSecond, batchBytes, listener, true, swapGuard, collapseLimits);
    }

    AdviceManner with(SwapGuard guard) {
        return new AdviceManner(threads, bytesPerSecond, batchBytes, listener, measured, guard, collapseLimits);
    }

    AdviceManner with(CollapseLimits limits) {
        return new AdviceManner(threads, bytesPerSecond, batchBytes, listener, measured, swapGuard, limits);
    }
}
