package dev.remora.sandbox;

import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.MemoryMaps;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The memory that the child holds on command, apart from that of its JVM, which no command can reach.
 *
 * <p>Each mapping lies in space of its own with at least a page without access on either side, so that the kernel does not
 * merge it with a neighbour. The space is given back with the last page of the mapping.
 */
final class ChildMemory {

    /** Puts something in place of what was reserved at an address. */
    interface Filling {
        void at(long address);
    }

    private record Space(long address, long byteSize) {

        long end() {
            return address + byteSize;
        }
    }

    /** Huge pages begin at multiples of their size, which is this much on x86-64, and on AArch64 with 4 KiB pages. */
    private static final long HUGE_PAGE = 2L << 20;

    private static final int PATTERN_BYTES = 1 << 20;

    private final MemoryMaps maps;
    private final long pageSize;
    private final MemorySegment pattern = randomPattern();
    private final MemorySegment scratch = Arena.global().allocate(PATTERN_BYTES);

    /** All that is mapped, from first address to end, and the spaces it lies in, by their first address. */
    private final TreeMap<Long, Long> mapped = new TreeMap<>();

    private final TreeMap<Long, Space> spaces = new TreeMap<>();

    ChildMemory(MemoryMaps maps, long pageSize) {
        this.maps = maps;
        this.pageSize = pageSize;
    }

    /** Pages that differ and do not compress, as real ones: swap on compressed RAM keeps equal pages for nothing. */
    private static MemorySegment randomPattern() {
        MemorySegment pattern = Arena.global().allocate(PATTERN_BYTES, Long.BYTES);
        var random = new SplittableRandom(1);
        for (long i = 0; i < PATTERN_BYTES; i += Long.BYTES) {
            pattern.set(ValueLayout.JAVA_LONG, i, random.nextLong());
        }
        return pattern;
    }

    /** Maps whole pages and returns their address. */
    long map(long byteSize, Filling filling) {
        return map(byteSize, byteSize >= HUGE_PAGE ? HUGE_PAGE : pageSize, filling);
    }

    long map(long byteSize, long alignment, Filling filling) {
        long byteSizeOfSpace = Math.addExact(byteSize, alignment + 2 * pageSize);
        var space = new Space(maps.reserve(byteSizeOfSpace), byteSizeOfSpace);
        long address = space.address() + pageSize + alignment - 1 & -alignment;
        try {
            filling.at(address);
        } catch (ErrnoException failure) {
            maps.unmap(space.address(), space.byteSize());
            throw failure;
        }
        spaces.put(space.address(), space);
        mapped.put(address, address + byteSize);
        return address;
    }

    void unmap(long address, long byteSize) {
        requireWholePages(address, byteSize);
        Map.Entry<Long, Long> piece = requireMapped(address, byteSize);
        maps.unmap(address, byteSize);
        forget(piece, address, address + byteSize);
        Space space = spaces.floorEntry(address).getValue();
        if (mapped.subMap(space.address(), space.end()).isEmpty()) {
            spaces.remove(space.address());
            maps.unmap(space.address(), space.byteSize());
        }
    }

    private void forget(Map.Entry<Long, Long> piece, long from, long to) {
        mapped.remove(piece.getKey());
        if (piece.getKey() < from) {
            mapped.put(piece.getKey(), from);
        }
        if (to < piece.getValue()) {
            mapped.put(to, piece.getValue());
        }
    }

    void protect(long address, long byteSize, String protection) {
        requireWholePages(address, byteSize);
        requireMapped(address, byteSize);
        maps.protect(
                address,
                byteSize,
                protection.charAt(0) == 'r',
                protection.charAt(1) == 'w',
                protection.charAt(2) == 'x');
    }

    void lock(long address, long byteSize) {
        requireMapped(address, byteSize);
        maps.lock(address, byteSize);
    }

    void unlock(long address, long byteSize) {
        requireMapped(address, byteSize);
        maps.unlock(address, byteSize);
    }

    void write(long address, long byteSize) {
        requireMapped(address, byteSize);
        maps.write(address, byteSize, pattern);
    }

    void read(long address, long byteSize) {
        requireMapped(address, byteSize);
        maps.read(address, byteSize, scratch);
    }

    private void requireWholePages(long address, long byteSize) {
        if (((address | byteSize) & pageSize - 1) != 0) {
            throw new IllegalArgumentException(
                    text(address, byteSize) + " does not consist of whole pages of " + pageSize + " bytes");
        }
    }

    /** Returns the piece in which the whole range lies. */
    private Map.Entry<Long, Long> requireMapped(long address, long byteSize) {
        Map.Entry<Long, Long> piece = mapped.floorEntry(address);
        if (piece == null || piece.getValue() - address < byteSize) {
            throw new IllegalArgumentException(text(address, byteSize)
                    + " is not memory that was mapped here by a command, or a part of it was unmapped since");
        }
        return piece;
    }

    private static String text(long address, long byteSize) {
        return "The range of " + byteSize + " bytes at 0x" + Long.toHexString(address);
    }
}
