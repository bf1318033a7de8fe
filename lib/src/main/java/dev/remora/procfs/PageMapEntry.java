package dev.remora.procfs;

/**
 * The 64 bits that {@code pagemap} has for a page: {@code PM_PRESENT} and so on of the kernel's {@code fs/proc/task_mmu.c}.
 */
final class PageMapEntry {

    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;

    /** A page of a file, or of shared memory. */
    private static final long FILE = 1L << 61;

    /** Since Linux 6.15. Such a mark in the page table is told of as swapped, too. */
    private static final long GUARD = 1L << 58;

    /** Mapped by nobody else. */
    private static final long EXCLUSIVE = 1L << 56;

    private static final long SOFT_DIRTY = 1L << 55;
    private static final long FRAME = (1L << 55) - 1;

    private PageMapEntry() {}

    static boolean present(long entry) {
        return (entry & PRESENT) != 0;
    }

    /** Says whether a page is present, and the process's own or of a file. */
    static boolean counts(long entry) {
        return present(entry) && (entry & (FILE | EXCLUSIVE)) != 0;
    }

    /** Says whether a page is present, and nobody else maps it. */
    static boolean presentHereOnly(long entry) {
        return present(entry) && (entry & EXCLUSIVE) != 0;
    }

    /** Says whether the entry shows which page frame it is, which takes CAP_SYS_ADMIN. */
    static boolean showsFrame(long entry) {
        return (entry & FRAME) != 0;
    }

    static boolean guard(long entry) {
        return (entry & GUARD) != 0;
    }

    static boolean softDirty(long entry) {
        return (entry & SOFT_DIRTY) != 0;
    }

    /** The bits of {@link PageStates}; 0 if there is nothing to tell. */
    static int state(long entry) {
        if (guard(entry)) {
            return PageStates.GUARD;
        }
        int state = (present(entry) ? PageStates.PRESENT : 0) | ((entry & SWAPPED) != 0 ? PageStates.SWAPPED : 0);
        if (state == 0) {
            return 0;
        }
        return state | ((entry & FILE) != 0 ? PageStates.FILE : 0) | (softDirty(entry) ? PageStates.SOFT_DIRTY : 0);
    }
}
