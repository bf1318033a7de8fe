package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.MemoryRange;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Keeps account of what became of every byte of a request, in its order: neighbouring bytes with the same verdict share
 * an entry, unless a new range of the request begins between them.
 *
 * @param <P> what tells what became of a range
 */
final class RangeLedger<P> {

    private long[] addresses = new long[16];
    private long[] byteSizes = new long[16];
    private final List<Verdict<P>> verdicts = new ArrayList<>();
    private boolean newRange = true;
    private final Map<Tally, Long> bytes = new EnumMap<>(Tally.class);

    void beginRange() {
        newRange = true;
    }

    void add(long address, long byteSize, Verdict<P> verdict) {
        bytes.merge(verdict.tally(), byteSize, Long::sum);
        int last = verdicts.size() - 1;
        if (!newRange
                && addresses[last] + byteSizes[last] == address
                && verdicts.get(last).equals(verdict)) {
            byteSizes[last] += byteSize;
            return;
        }
        newRange = false;
        int next = last + 1;
        if (next == addresses.length) {
            addresses = Arrays.copyOf(addresses, 2 * next);
            byteSizes = Arrays.copyOf(byteSizes, 2 * next);
        }
        addresses[next] = address;
        byteSizes[next] = byteSize;
        verdicts.add(verdict);
    }

    /** Adds what another account has of ranges that follow. */
    void append(RangeLedger<P> next, boolean continues) {
        for (int i = 0; i < next.verdicts.size(); i++) {
            newRange |= i > 0 || !continues;
            add(next.addresses[i], next.byteSizes[i], next.verdicts.get(i));
        }
    }

    boolean isEmpty() {
        return verdicts.isEmpty();
    }

    /** The bytes that count like this. */
    long bytes(Tally tally) {
        return bytes.getOrDefault(tally, 0L);
    }

    /** What became of each range. Ends the account. */
    List<P> parts() {
        return new Parts<>(this);
    }

    private P part(int index) {
        return verdicts.get(index).of(MemoryRange.of(addresses[index], byteSizes[index]));
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
            return ledger.verdicts.size();
        }
    }
}
