package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.RangeList;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of what became of every byte of a request, in its order: neighbouring bytes with the same verdict share
 * an entry, unless a new range of the request begins between them.
 *
 * <p>As long as all ranges have one and the same verdict, the request itself is the account: an outcome without surprises
 * takes no memory for each range.
 *
 * @param <P> what tells what became of a range
 */
final class RangeLedger<P> {

    private static final RangeList NOTHING = new RangeList(0);

    private RangeList request = NOTHING;

    /** What became of the first ranges of the request, so many of them, and of so many bytes of the one behind. */
    private @Nullable Verdict<P> common;

    private int whole;
    private long begun;

    /** The entries, once there is more to tell than that. */
    private boolean spelledOut;

    private long[] addresses = new long[0];
    private long[] byteSizes = new long[0];
    private final List<Verdict<P>> verdicts = new ArrayList<>();

    private boolean newRange = true;
    private long doneBytes;
    private long skippedBytes;
    private long notReachedBytes;

    /** Tells what is requested, before anything is added. The list does not change any more. */
    void expect(RangeList ranges) {
        request = ranges.cut() ? NOTHING : ranges;
    }

    void beginRange() {
        newRange = true;
    }

    void add(long address, long byteSize, Verdict<P> verdict) {
        switch (verdict.tally()) {
            case DONE -> doneBytes += byteSize;
            case SKIPPED -> skippedBytes += byteSize;
            case NOT_REACHED -> notReachedBytes += byteSize;
        }
        if (goesOn(address, byteSize, verdict)) {
            goOn(byteSize, verdict);
        } else {
            spellOut();
            enter(address, byteSize, verdict);
        }
        newRange = false;
    }

    private boolean goesOn(long address, long byteSize, Verdict<P> verdict) {
        return !spelledOut
                && whole < request.size()
                && request.address(whole) + begun == address
                && request.byteSize(whole) - begun >= byteSize
                && (common == null || common.equals(verdict));
    }

    private void goOn(long byteSize, Verdict<P> verdict) {
        common = verdict;
        begun += byteSize;
        if (begun == request.byteSize(whole)) {
            whole++;
            begun = 0;
        }
    }

    private void spellOut() {
        if (spelledOut) {
            return;
        }
        spelledOut = true;
        if (common == null) {
            return;
        }
        int capacity = Math.max(16, 2 * whole);
        addresses = new long[capacity];
        byteSizes = new long[capacity];
        for (int i = 0; i < whole; i++) {
            append(request.address(i), request.byteSize(i), common);
        }
        if (begun > 0) {
            append(request.address(whole), begun, common);
        }
    }

    private void enter(long address, long byteSize, Verdict<P> verdict) {
        int last = verdicts.size() - 1;
        if (!newRange
                && addresses[last] + byteSizes[last] == address
                && verdicts.get(last).equals(verdict)) {
            byteSizes[last] += byteSize;
        } else {
            append(address, byteSize, verdict);
        }
    }

    private void append(long address, long byteSize, Verdict<P> verdict) {
        int next = verdicts.size();
        if (next == addresses.length) {
            int larger = Math.max(16, 2 * next);
            addresses = Arrays.copyOf(addresses, larger);
            byteSizes = Arrays.copyOf(byteSizes, larger);
        }
        addresses[next] = address;
        byteSizes[next] = byteSize;
        verdicts.add(verdict);
    }

    /** Adds what another account has of ranges that follow. */
    void append(RangeLedger<P> next, boolean continues) {
        next.spellOut();
        for (int i = 0; i < next.verdicts.size(); i++) {
            newRange |= i > 0 || !continues;
            add(next.addresses[i], next.byteSizes[i], next.verdicts.get(i));
        }
    }

    boolean isEmpty() {
        return size() == 0;
    }

    private int size() {
        return spelledOut ? verdicts.size() : whole + (begun > 0 ? 1 : 0);
    }

    /** The bytes that count like this. */
    long bytes(Tally tally) {
        return switch (tally) {
            case DONE -> doneBytes;
            case SKIPPED -> skippedBytes;
            case NOT_REACHED -> notReachedBytes;
        };
    }

    /** What became of each range. Ends the account. */
    List<P> parts() {
        return new Parts<>(this);
    }

    private P part(int index) {
        if (spelledOut || common == null) {
            return verdicts.get(index).of(MemoryRange.of(addresses[index], byteSizes[index]));
        }
        long byteSize = index < whole ? request.byteSize(index) : begun;
        return common.of(MemoryRange.of(request.address(index), byteSize));
    }

    /** Makes the objects only for the parts that someone looks at. */
    private static final class Parts<P> extends AbstractList<P> implements RandomAccess {

        private final RangeLedger<P> ledger;

        Parts(RangeLedger<P> ledger) {
            this.ledger = ledger;
        }

        @Override
        public P get(int index) {
            return ledger.part(Objects.checkIndex(index, size()));
        }

        @Override
        public int size() {
            return ledger.size();
        }
    }
}
