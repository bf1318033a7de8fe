package dev.remora.sandbox;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.MemoryMaps;
import dev.remora.syscall.WriteTracking;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The memory that the child holds on command, apart from that of its JVM, which no command can reach.
 *
 * <p>Each mapping lies between two guards, pages without access of a kind that the kernel merges with nothing else. They
 * are given back with the last page of the mapping.
 */
final class ChildMemory {

    /** Puts something in place of what was reserved at an address. */
    interface Filling {
        void at(long address);
    }

    /** The guards around a mapping, and how much of it is left. */
    private static final class Guarded {
        private final long before;
        private final long after;
        private long bytesLeft;

        Guarded(long before, long after, long byteSize) {
            this.before = before;
            this.after = after;
            bytesLeft = byteSize;
        }
    }

    /** A part of a mapping without a hole. */
    private record Piece(long address, long end, Guarded guarded) {}

    /** Huge pages begin at multiples of their size, which is this much on x86-64, and on AArch64 with 4 KiB pages. */
    private static final long HUGE_PAGE = 2L << 20;

    private static final int PATTERN_BYTES = 1 << 20;

    private final MemoryMaps maps;
    private final long pageSize;
    private final long most;
    private final MappingBudget budget = new MappingBudget();
    private final MemorySegment pattern = randomPattern();
    private final MemorySegment scratch = Arena.global().allocate(PATTERN_BYTES);

    /** All that is mapped, by first address. */
    private final TreeMap<Long, Piece> pieces = new TreeMap<>();

    private long mappedBytes;

    /** Maps {@code most} bytes at the most. */
    ChildMemory(MemoryMaps maps, long pageSize, long most) {
        this.maps = maps;
        this.pageSize = pageSize;
        this.most = most;
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
        if (byteSize > most - mappedBytes) {
            throw ErrnoException.outOfMemory("mmap", byteSize + " bytes, beyond the " + most + " the child may map");
        }
        budget.spend();
        long spaceBytes = byteSize + alignment + 2 * pageSize;
        long space = maps.reserve(spaceBytes);
        long address = space + pageSize + alignment - 1 & -alignment;
        long end = address + byteSize;
        fill(space, spaceBytes, address, filling);
        unmapBetween(space, address - pageSize);
        unmapBetween(end + pageSize, space + spaceBytes);
        add(new Piece(address, end, new Guarded(address - pageSize, end, byteSize)));
        return address;
    }

    private void fill(long space, long spaceBytes, long address, Filling filling) {
        try {
            filling.at(address);
        } catch (ErrnoException failure) {
            maps.unmap(space, spaceBytes);
            throw failure;
        }
    }

    private void unmapBetween(long from, long to) {
        if (from < to) {
            maps.unmap(from, to - from);
        }
    }

    private void add(Piece piece) {
        pieces.put(piece.address(), piece);
        mappedBytes += piece.end() - piece.address();
    }

    private void remove(Piece piece) {
        pieces.remove(piece.address());
        mappedBytes -= piece.end() - piece.address();
    }

    void unmap(long address, long byteSize) {
        requireWholePages(address, byteSize);
        Piece piece = requireMapped(address, byteSize);
        budget.spend();
        maps.unmap(address, byteSize);
        remove(piece);
        if (piece.address() < address) {
            add(new Piece(piece.address(), address, piece.guarded()));
        }
        if (address + byteSize < piece.end()) {
            add(new Piece(address + byteSize, piece.end(), piece.guarded()));
        }
        giveBack(piece.guarded(), byteSize);
    }

    private void giveBack(Guarded guarded, long byteSize) {
        guarded.bytesLeft -= byteSize;
        if (guarded.bytesLeft == 0) {
            maps.unmap(guarded.before, pageSize);
            maps.unmap(guarded.after, pageSize);
        }
    }

    void protect(long address, long byteSize, String protection) {
        requireWholePages(address, byteSize);
        requireMapped(address, byteSize);
        budget.spend();
        maps.protect(
                address,
                byteSize,
                protection.charAt(0) == 'r',
                protection.charAt(1) == 'w',
                protection.charAt(2) == 'x');
    }

    void lock(long address, long byteSize) {
        requireMapped(address, byteSize);
        budget.spend();
        maps.lock(address, byteSize);
    }

    void unlock(long address, long byteSize) {
        requireMapped(address, byteSize);
        budget.spend();
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

    void track(long address, long byteSize, WriteTracking tracking) {
        requireWholePages(address, byteSize);
        requireMapped(address, byteSize);
        budget.spend();
        tracking.register(address, byteSize);
    }

    private void requireWholePages(long address, long byteSize) {
        if (((address | byteSize) & pageSize - 1) != 0) {
            throw new IllegalArgumentException(
                    text(address, byteSize) + " does not consist of whole pages of " + pageSize + " bytes");
        }
    }

    /** Returns the piece in which the whole range lies. */
    @CanIgnoreReturnValue
    private Piece requireMapped(long address, long byteSize) {
        Map.Entry<Long, Piece> piece = pieces.floorEntry(address);
        if (piece == null || piece.getValue().end() - address < byteSize) {
            throw new IllegalArgumentException(text(address, byteSize)
                    + " is not memory that was mapped here by a command, or a part of it was unmapped since");
        }
        return piece.getValue();
    }

    private static String text(long address, long byteSize) {
        return "The range of " + byteSize + " bytes at 0x" + Long.toHexString(address);
    }
}
