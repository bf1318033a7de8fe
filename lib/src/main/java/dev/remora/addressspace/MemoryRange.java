package dev.remora.addressspace;

/**
 * A range of virtual addresses in some process: at least one byte, ending before the last of all 64-bit addresses.
 *
 * <p>Addresses are unsigned 64-bit numbers in a {@code long}, as in {@link java.lang.foreign.MemorySegment#address()}.
 * A range says nothing about what is mapped there, in which process, or how large a page is.
 *
 * {@snippet :
 * MemoryRange range = MemoryRange.of(0x7f12_0000_0000L, 64 * MiB);
 * range.end(); // 0x7f12_0400_0000
 * }
 *
 * @param address the first address
 * @param byteSize the number of bytes, at least 1
 */
public record MemoryRange(long address, long byteSize) {

    /**
     * Creates a range.
     *
     * @throws IllegalArgumentException if {@code byteSize} is less than 1, or the range reaches the last address there is
     */
    public MemoryRange {
        if (byteSize < 1) {
            throw new IllegalArgumentException(
                    "A memory range has at least 1 byte, and this one has " + byteSize + ": leave empty ranges out");
        }
        if (Long.compareUnsigned(address + byteSize, address) <= 0) {
            throw new IllegalArgumentException("A memory range ends before the last of all 64-bit addresses, and "
                    + byteSize + " bytes from " + hexadecimal(address) + " reach it");
        }
    }

    /**
     * {@return the range of the given size at the given address}
     *
     * @param address the first address
     * @param byteSize the number of bytes
     * @throws IllegalArgumentException if {@code byteSize} is less than 1, or the range reaches the last address there is
     */
    public static MemoryRange of(long address, long byteSize) {
        return new MemoryRange(address, byteSize);
    }

    /**
     * {@return the range from one address to another}
     *
     * @param address the first address
     * @param end the first address after the range
     * @throws IllegalArgumentException if {@code end} is not after {@code address}, or too far after it
     */
    public static MemoryRange between(long address, long end) {
        if (Long.compareUnsigned(address, end) >= 0) {
            throw new IllegalArgumentException("A memory range ends after it begins, and this one would run from "
                    + hexadecimal(address) + " to " + hexadecimal(end));
        }
        if (end - address < 0) {
            throw new IllegalArgumentException("A memory range has at most " + Long.MAX_VALUE
                    + " bytes, and the one from " + hexadecimal(address) + " to " + hexadecimal(end) + " has more");
        }
        return new MemoryRange(address, end - address);
    }

    /** {@return the first address after the range} */
    public long end() {
        return address + byteSize;
    }

    /**
     * {@return whether the address lies in this range}
     *
     * @param other an address
     */
    public boolean contains(long other) {
        return Long.compareUnsigned(other - address, byteSize) < 0;
    }

    /**
     * {@return whether all of the other range lies in this one}
     *
     * @param other a range
     */
    public boolean contains(MemoryRange other) {
        return contains(other.address) && contains(other.address + (other.byteSize - 1));
    }

    /**
     * {@return whether the two ranges share at least one address}
     *
     * @param other a range
     */
    public boolean overlaps(MemoryRange other) {
        return contains(other.address) || other.contains(address);
    }

    /** {@return the range as {@code 0x7f1200000000-0x7f1204000000}, the way {@code /proc/PID/maps} writes it} */
    @Override
    public String toString() {
        return hexadecimal(address) + "-" + hexadecimal(end());
    }

    private static String hexadecimal(long address) {
        return "0x" + Long.toHexString(address);
    }
}
