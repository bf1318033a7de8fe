package dev.remora;

import dev.remora.addressspace.ByteSize;

/**
 * Where the memory of some mappings of a process is, in bytes, as {@code /proc/PID/smaps} has it. Pages that several
 * processes map count for each.
 *
 * @param anonymousBytes anonymous memory in RAM, and what the process has changed of private file mappings
 * @param fileBytes pages of files in RAM
 * @param sharedMemoryBytes shared memory in RAM: memfds, {@code /dev/shm}, System V; the heap of ZGC is such
 * @param swappedBytes what is in swap, shared memory included
 * @param hugeBytes what of that in RAM is mapped as transparent huge pages
 */
public record MemoryUse(
        long anonymousBytes, long fileBytes, long sharedMemoryBytes, long swappedBytes, long hugeBytes) {

    static final MemoryUse NONE = new MemoryUse(0, 0, 0, 0, 0);

    /** {@return what is in RAM: anonymous memory, pages of files and shared memory} */
    public long residentBytes() {
        return anonymousBytes + fileBytes + sharedMemoryBytes;
    }

    /** {@return this and another one together} */
    MemoryUse plus(MemoryUse other) {
        return new MemoryUse(
                anonymousBytes + other.anonymousBytes,
                fileBytes + other.fileBytes,
                sharedMemoryBytes + other.sharedMemoryBytes,
                swappedBytes + other.swappedBytes,
                hugeBytes + other.hugeBytes);
    }

    /** {@return the sizes in one line} */
    @Override
    public String toString() {
        return ByteSize.format(residentBytes()) + " in RAM (" + ByteSize.format(anonymousBytes) + " anonymous, "
                + ByteSize.format(fileBytes) + " of files, " + ByteSize.format(sharedMemoryBytes) + " shared; "
                + ByteSize.format(hugeBytes) + " huge), " + ByteSize.format(swappedBytes) + " in swap";
    }
}
