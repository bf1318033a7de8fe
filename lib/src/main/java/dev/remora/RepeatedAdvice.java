package dev.remora;

import dev.remora.process.PinnedProcess;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.ProcessMadvise;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Advice for ranges that was taken for all of them before, and may be given again: what the kernel is handed and what the
 * caller is told is the same then, and is made once.
 */
final class RepeatedAdvice {

    private final AdviceOutcome.Complete outcome;
    private final IoVectors vectors;

    /** The first range of each call, and the end of the last one. */
    private final int[] batches;

    private final long[] batchBytes;

    private RepeatedAdvice(AdviceOutcome.Complete outcome, IoVectors vectors, int[] batches, long[] batchBytes) {
        this.outcome = outcome;
        this.vectors = vectors;
        this.batches = batches;
        this.batchBytes = batchBytes;
    }

    /** Null if a range takes more than one call, or there is no memory for it. */
    static @Nullable RepeatedAdvice ifPossible(AdviceOutcome.Complete outcome, RangeList ranges, long pageSize) {
        long maxBytes = IoVectors.maxBytes(pageSize);
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.byteSize(i) > maxBytes) {
                return null;
            }
        }
        try {
            return of(outcome, ranges, maxBytes);
        } catch (OutOfMemoryError noMoreMemory) {
            return null;
        }
    }

    private static RepeatedAdvice of(AdviceOutcome.Complete outcome, RangeList ranges, long maxBytes) {
        var vectors = new IoVectors(Arena.ofAuto(), ranges.size());
        int[] batches = new int[ranges.size() + 1];
        long[] batchBytes = new long[ranges.size()];
        int batch = 0;
        for (int i = 0; i < ranges.size(); i++) {
            long byteSize = ranges.byteSize(i);
            boolean full = i - batches[batch] == IoVectors.MAX_RANGES || byteSize > maxBytes - batchBytes[batch];
            if (full) {
                batches[++batch] = i;
            }
            vectors.add(ranges.address(i), byteSize);
            batchBytes[batch] += byteSize;
        }
        batches[++batch] = ranges.size();
        return new RepeatedAdvice(
                outcome, vectors, Arrays.copyOf(batches, batch + 1), Arrays.copyOf(batchBytes, batch));
    }

    /** What is said if all of it is taken. */
    AdviceOutcome.Complete outcome() {
        return outcome;
    }

    /** Gives it as far as the kernel takes it without more ado. Returns the bytes, from the first range on. */
    long give(Kernel kernel, PinnedProcess process) {
        int advice = outcome.advice().value();
        long done = 0;
        for (int i = 0; i < batchBytes.length; i++) {
            if (Thread.currentThread().isInterrupted()) {
                return done;
            }
            int first = batches[i];
            long result = ProcessMadvise.call(
                    kernel, process.pidFd().descriptor(), vectors, first, batches[i + 1] - first, advice);
            done += Math.max(0, result);
            if (result != batchBytes[i]) {
                return done;
            }
        }
        return done;
    }
}
