package dev.remora.procfs;

import java.util.Arrays;

/** Which pages are in which state, in ranges of equal pages, without an object per range. */
public final class PageStates {

    public static final int PRESENT = 1;
    public static final int SWAPPED = 1 << 1;
    public static final int FILE = 1 << 2;
    public static final int HUGE = 1 << 3;
    public static final int ZERO_PAGE = 1 << 4;
    public static final int SOFT_DIRTY = 1 << 5;
    public static final int WRITTEN = 1 << 6;
    public static final int GUARD = 1 << 7;

    private static final int ALL = 1 << 8;

    private long[] from = new long[64];
    private long[] to = new long[64];
    private short[] states = new short[64];
    private int size;
    private boolean begins;
    private final long[] bytesByState = new long[ALL];

    /** The next pages belong to another range of the request. */
    void beginRange() {
        begins = true;
    }

    void add(long begin, long end, int state) {
        bytesByState[state] += end - begin;
        int last = size - 1;
        if (size > 0 && !begins && to[last] == begin && states[last] == state) {
            to[last] = end;
            return;
        }
        begins = false;
        if (size == from.length) {
            from = Arrays.copyOf(from, 2 * size);
            to = Arrays.copyOf(to, 2 * size);
            states = Arrays.copyOf(states, 2 * size);
        }
        from[size] = begin;
        to[size] = end;
        states[size++] = (short) state;
    }

    public int size() {
        return size;
    }

    public long from(int index) {
        return from[index];
    }

    public long to(int index) {
        return to[index];
    }

    public int state(int index) {
        return states[index];
    }

    /** How many bytes have one of these states. */
    public long bytes(int state) {
        long bytes = 0;
        for (int each = 0; each < ALL; each++) {
            bytes += (each & state) != 0 ? bytesByState[each] : 0;
        }
        return bytes;
    }
}
