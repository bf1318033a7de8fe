package dev.remora.procfs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Address ranges in two growing arrays: what a verb works on, without an object per range. Some may be there only to be
 * accounted for: the kernel is not to be asked for them.
 */
public final class RangeList {

    private long[] addresses;
    private long[] byteSizes;
    private int size;
    /** 0 for those that are asked for, 1 for those that are not; more says why not. */
    private byte[] leftOut;

    private final BitSet continued = new BitSet();

    public RangeList(int capacity) {
        addresses = new long[capacity];
        byteSizes = new long[capacity];
        leftOut = new byte[capacity];
    }

    public void add(long address, long byteSize) {
        if (size == addresses.length) {
            int larger = Math.max(16, 2 * size);
            addresses = Arrays.copyOf(addresses, larger);
            byteSizes = Arrays.copyOf(byteSizes, larger);
            leftOut = Arrays.copyOf(leftOut, larger);
        }
        addresses[size] = address;
        byteSizes[size++] = byteSize;
    }

    /** Adds a range for which the kernel is not to be asked. */
    public void addLeftOut(long address, long byteSize) {
        addLeftOut(address, byteSize, 0);
    }

    /** Adds a range for which the kernel is not to be asked, for a reason that means something to the caller. */
    public void addLeftOut(long address, long byteSize, int reason) {
        add(address, byteSize);
        leftOut[size - 1] = (byte) (reason + 1);
    }

    /** Leaves out the next part of the current range, as one with the last part if that was left out for the same reason. */
    public void leaveOutPart(long address, long byteSize, int reason) {
        if (continued.get(size) && leftOut[size - 1] == (byte) (reason + 1)) {
            byteSizes[size - 1] += byteSize;
        } else {
            addLeftOut(address, byteSize, reason);
            begin(true);
        }
    }

    /** Why a range is left out; 0 if the list does not say. */
    public int reason(int index) {
        return leftOut[index] - 1;
    }

    /** Adds a range of another list, or a part of it, with the reason if that is left out. */
    public void addPartOf(RangeList other, int index, long address, long byteSize) {
        add(address, byteSize);
        leftOut[size - 1] = other.leftOut[index];
    }

    /** Says of the next range whether it goes on where the last one ended, as a part of the same. */
    public void begin(boolean continues) {
        continued.set(size, continues);
    }

    /** Whether any range is the rest of another. */
    public boolean cut() {
        return !continued.isEmpty();
    }

    /** Whether a range is the rest of the one before it. */
    public boolean continues(int index) {
        return continued.get(index);
    }

    /**
     * Cuts the list into shares of about so many bytes, and less than twice as many, in its order. Ranges are cut only where
     * addresses are multiples of that number, which is a power of two.
     */
    public List<RangeList> shares(long byteSize) {
        List<RangeList> shares = new ArrayList<>();
        var share = new RangeList(16);
        long room = byteSize;
        for (int i = 0; i < size; i++) {
            boolean continues = continues(i);
            for (long offset = 0; offset < byteSizes[i]; ) {
                if (room <= 0) {
                    shares.add(share);
                    share = new RangeList(16);
                    room = byteSize;
                }
                long from = addresses[i] + offset;
                long bytes = Math.min(byteSizes[i] - offset, (from + room + byteSize - 1 & -byteSize) - from);
                share.begin(continues);
                share.addPartOf(this, i, from, bytes);
                room -= bytes;
                offset += bytes;
                continues = true;
            }
        }
        if (share.size > 0) {
            shares.add(share);
        }
        return shares;
    }

    /** Whether there is a range for which the kernel is to be asked. */
    public boolean anyAsked() {
        return IntStream.range(0, size).anyMatch(i -> !leftOut(i));
    }

    public boolean leftOut(int index) {
        return leftOut[index] > 0;
    }

    public int size() {
        return size;
    }

    public long address(int index) {
        return addresses[index];
    }

    public long byteSize(int index) {
        return byteSizes[index];
    }

    public long totalBytes() {
        long total = 0;
        for (int i = 0; i < size; i++) {
            total += byteSizes[i];
        }
        return total;
    }

    /** The bytes for which the kernel is to be asked. */
    public long askedBytes() {
        return IntStream.range(0, size)
                .filter(i -> !leftOut(i))
                .mapToLong(i -> byteSizes[i])
                .sum();
    }

    /** In a list in ascending order, the first range that ends after the address; {@link #size()} if none does. */
    public int firstEndingAfter(long address) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(addresses[middle] + byteSizes[middle], address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** In a list in ascending order, whether an address lies in one of the ranges. */
    boolean covers(long address) {
        int index = firstEndingAfter(address);
        return index < size && Long.compareUnsigned(addresses[index], address) <= 0;
    }
}
