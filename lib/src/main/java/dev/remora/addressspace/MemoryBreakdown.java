package dev.remora.addressspace;

/**
 * How much memory is behind mappings, and in which state, in bytes: the figures of {@code /proc/PID/smaps} ({@code
 * proc_pid_smaps(5)}). What a kernel does not know yet is 0; the first kernels are given where they are later than Linux 5.4.
 *
 * @param residentBytes what is in RAM and mapped ({@code Rss}); pages that several processes map count in full
 * @param proportionalBytes the same, but a page that n processes map counts as a n-th ({@code Pss})
 * @param dirtyProportionalBytes what of that is dirty ({@code Pss_Dirty}, Linux 6.0)
 * @param sharedCleanBytes what is mapped more than once and not changed since it was read ({@code Shared_Clean})
 * @param sharedDirtyBytes what is mapped more than once and was changed ({@code Shared_Dirty})
 * @param privateCleanBytes what only this process maps, and is not changed since it was read ({@code Private_Clean})
 * @param privateDirtyBytes what only this process maps, and was changed ({@code Private_Dirty})
 * @param referencedBytes what was used since the kernel last asked ({@code Referenced})
 * @param anonymousBytes what belongs to no file, changed pages of private file mappings included ({@code Anonymous})
 * @param mergedBytes what was merged with pages alike by KSM ({@code KSM}, Linux 6.7)
 * @param lazilyFreedBytes what the process gave back and the kernel has not taken yet ({@code LazyFree})
 * @param hugeBytes what is mapped by transparent huge pages, of anonymous memory, of shared memory and of files ({@code
 *     AnonHugePages}, {@code ShmemPmdMapped}, {@code FilePmdMapped})
 * @param hugetlbBytes pages from the pool of hugetlb, which no other figure counts ({@code Shared_Hugetlb}, {@code
 *     Private_Hugetlb})
 * @param swappedBytes what is in swap, of shared memory too ({@code Swap})
 * @param proportionalSwappedBytes the same, but a page that n processes have there counts as a n-th ({@code SwapPss}); not
 *     that of shared memory
 * @param lockedBytes what is locked in RAM, in proportion ({@code Locked})
 */
public record MemoryBreakdown(
        long residentBytes,
        long proportionalBytes,
        long dirtyProportionalBytes,
        long sharedCleanBytes,
        long sharedDirtyBytes,
        long privateCleanBytes,
        long privateDirtyBytes,
        long referencedBytes,
        long anonymousBytes,
        long mergedBytes,
        long lazilyFreedBytes,
        long hugeBytes,
        long hugetlbBytes,
        long swappedBytes,
        long proportionalSwappedBytes,
        long lockedBytes) {

    /** No memory at all. */
    public static final MemoryBreakdown NONE = new MemoryBreakdown(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * {@return this and another one together}
     *
     * @param other the other one
     */
    public MemoryBreakdown plus(MemoryBreakdown other) {
        return new MemoryBreakdown(
                residentBytes + other.residentBytes,
                proportionalBytes + other.proportionalBytes,
                dirtyProportionalBytes + other.dirtyProportionalBytes,
                sharedCleanBytes + other.sharedCleanBytes,
                sharedDirtyBytes + other.sharedDirtyBytes,
                privateCleanBytes + other.privateCleanBytes,
                privateDirtyBytes + other.privateDirtyBytes,
                referencedBytes + other.referencedBytes,
                anonymousBytes + other.anonymousBytes,
                mergedBytes + other.mergedBytes,
                lazilyFreedBytes + other.lazilyFreedBytes,
                hugeBytes + other.hugeBytes,
                hugetlbBytes + other.hugetlbBytes,
                swappedBytes + other.swappedBytes,
                proportionalSwappedBytes + other.proportionalSwappedBytes,
                lockedBytes + other.lockedBytes);
    }

    /** {@return the figures that matter most, in one line} */
    @Override
    public String toString() {
        return ByteSize.format(residentBytes) + " in RAM (" + ByteSize.format(proportionalBytes) + " in proportion, "
                + ByteSize.format(anonymousBytes) + " anonymous, " + ByteSize.format(hugeBytes) + " huge), "
                + ByteSize.format(swappedBytes) + " in swap, " + ByteSize.format(lockedBytes) + " locked";
    }
}
