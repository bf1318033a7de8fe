package dev.remora.syscall;

import dev.remora.bindings.iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An array of {@code struct iovec} in native memory: the vector of address ranges that a system call takes. */
public final class IoVectors {

    /** The most ranges that one call takes ({@code UIO_MAXIOV}); the kernel answers one more with EINVAL. */
    public static final int MAX_RANGES = 1024;

    private static final long SIZE = iovec.sizeof();
    private static final long BASE = iovec.iov_base$offset();
    private static final long LENGTH = iovec.iov_len$offset();

    private final MemorySegment array;
    private int size;

    public IoVectors(Arena arena, int capacity) {
        array = arena.allocate(SIZE * capacity, iovec.layout().byteAlignment());
    }

    /**
     * Returns the most bytes that one call takes: the kernel silently cuts the total to {@code INT_MAX} rounded down to
     * a page.
     */
    public static long maxBytes(long pageSize) {
        return Integer.MAX_VALUE & -pageSize;
    }

    public void clear() {
        size = 0;
    }

    public void add(long address, long byteSize) {
        long offset = SIZE * size++;
        array.set(ValueLayout.JAVA_LONG, offset + BASE, address);
        array.set(ValueLayout.JAVA_LONG, offset + LENGTH, byteSize);
    }

    public int size() {
        return size;
    }

    public long address(int index) {
        return array.get(ValueLayout.JAVA_LONG, SIZE * index + BASE);
    }

    public long byteSize(int index) {
        return array.get(ValueLayout.JAVA_LONG, SIZE * index + LENGTH);
    }

    long address() {
        return addressOf(0);
    }

    /** Where an entry is in this process's own memory. */
    long addressOf(int index) {
        return array.address() + SIZE * index;
    }
}
