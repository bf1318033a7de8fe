package dev.remora;

import dev.remora.addressspace.MemoryRange;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Keeps account of what became of every byte of a request, in its order: neighbouring bytes with the same verdict share
 * an entry, unless a new range of the request begins between them.
 */
final class AdviceLedger {

    /** Makes the part of the outcome that tells what became of a range. */
    private interface Verdict {
        RangeOutcome of(MemoryRange range);
    }

    private record Skipped(SkipReason reason, int errno) implements Verdict {
        @Override
        public RangeOutcome of(MemoryRange range) {
            return new RangeOutcome.Skipped(range, reason, errno);
        }
    }

    private static final Verdict ADVISED = RangeOutcome.Advised::new;
    private static final Verdict NOT_REACHED = RangeOutcome.NotReached::new;

    private long[] addresses = new long[16];
    private long[] byteSizes = new long[16];
    private Verdict[] verdicts = new Verdict[16];
    private int size;
    private boolean newRange = true;

    private long advisedBytes;
    private long skippedBytes;
    private long notReachedBytes;

    void beginRange() {
        newRange = true;
    }

    void advised(long address, long byteSize) {
        advisedBytes += byteSize;
        add(address, byteSize, ADVISED);
    }

    void skipped(long address, long byteSize, SkipReason reason, int errno) {
        skippedBytes += byteSize;
        add(address, byteSize, new Skipped(reason, errno));
    }

    void notReached(long address, long byteSize) {
        notReachedBytes += byteSize;
        add(address, byteSize, NOT_REACHED);
    }

    private void add(long address, long byteSize, Verdict verdict) {
        int last = size - 1;
        if (!newRange && addresses[last] + byteSizes[last] == address && verdicts[last].equals(verdict)) {
            byteSizes[last] += byteSize;
            return;
        }
        newRange = false;
        if (size == addresses.length) {
            grow(2 * size);
        }
        addresses[size] = address;
        byteSizes[size] = byteSize;
        verdicts[size++] = verdict;
    }

    private void grow(int capacity) {
        addresses = Arrays.copyOf(addresses, capacity);
        byteSizes = Arrays.copyOf(byteSizes, capacity);
        verdicts = Arrays.copyOf(verdicts, capacity);
    }

    /** Ends the account. */
    AdviceOutcome outcome(Advice advice, boolean processGone) {
        if (processGone) {
            return new AdviceOutcome.ProcessGone(advice, parts(), advisedBytes, skippedBytes, notReachedBytes);
        }
        if (size == 0) {
            return new AdviceOutcome.NothingSelected(advice);
        }
        return skippedBytes == 0
                ? new AdviceOutcome.Complete(advice, parts(), advisedBytes)
                : new AdviceOutcome.Partial(advice, parts(), advisedBytes, skippedBytes);
    }

    private List<RangeOutcome> parts() {
        return new Parts(this);
    }

    private RangeOutcome part(int index) {
        return verdicts[index].of(MemoryRange.of(addresses[index], byteSizes[index]));
    }

    /** Makes the objects only for the parts that someone looks at. */
    private static final class Parts extends AbstractList<RangeOutcome> implements RandomAccess {

        private final AdviceLedger ledger;

        Parts(AdviceLedger ledger) {
            this.ledger = ledger;
        }

        @Override
        public RangeOutcome get(int index) {
            return ledger.part(Objects.checkIndex(index, ledger.size));
        }

        @Override
        public int size() {
            return ledger.size;
        }
    }
}
