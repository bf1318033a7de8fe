package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.PageScan;
import org.jspecify.annotations.Nullable;

/** Finds out by {@code PAGEMAP_SCAN}, which passes over what is empty at once. */
final class ScannedPages implements PageReader {

    private static final long ALWAYS = Linux.PAGE_IS_PRESENT()
            | Linux.PAGE_IS_SWAPPED()
            | Linux.PAGE_IS_FILE()
            | Linux.PAGE_IS_HUGE()
            | Linux.PAGE_IS_PFNZERO()
            | Linux.PAGE_IS_WRITTEN()
            | Linux.PAGE_IS_WPALLOWED();
    private static final long ANYTHING = Linux.PAGE_IS_PRESENT() | Linux.PAGE_IS_SWAPPED();
    private static final int CATEGORIES = 1 << 9;
    private static final int[] STATES = states();

    private final ProcDirectory process;
    private final PageScan scan;
    private final long shown;

    private ScannedPages(ProcDirectory process, PageScan scan, long shown) {
        this.process = process;
        this.scan = scan;
        this.shown = shown;
    }

    /** Null if the kernel does not scan. */
    static @Nullable ScannedPages ifPossible(ProcDirectory process, PageScan scan) {
        if (!scan.knows(ALWAYS)) {
            return null;
        }
        long shown = ALWAYS;
        for (long category : new long[] {Linux.PAGE_IS_SOFT_DIRTY(), Linux.PAGE_IS_GUARD()}) {
            shown |= scan.knows(category) ? category : 0;
        }
        return new ScannedPages(process, scan, shown);
    }

    private static int[] states() {
        int[] states = new int[CATEGORIES];
        for (int categories = 0; categories < CATEGORIES; categories++) {
            states[categories] = state(categories);
        }
        return states;
    }

    /** A page whose writes are not tracked always is told of as written, and a guard as swapped. */
    private static int state(int categories) {
        if ((categories & Linux.PAGE_IS_GUARD()) != 0) {
            return PageStates.GUARD;
        }
        int written = Linux.PAGE_IS_WRITTEN() | Linux.PAGE_IS_WPALLOWED();
        return bit(categories, Linux.PAGE_IS_PRESENT(), PageStates.PRESENT)
                | bit(categories, Linux.PAGE_IS_SWAPPED(), PageStates.SWAPPED)
                | bit(categories, Linux.PAGE_IS_FILE(), PageStates.FILE)
                | bit(categories, Linux.PAGE_IS_HUGE(), PageStates.HUGE)
                | bit(categories, Linux.PAGE_IS_PFNZERO(), PageStates.ZERO_PAGE)
                | bit(categories, Linux.PAGE_IS_SOFT_DIRTY(), PageStates.SOFT_DIRTY)
                | bit(categories, written, PageStates.WRITTEN);
    }

    private static int bit(int categories, int all, int state) {
        return (categories & all) == all ? state : 0;
    }

    /** The kernel refuses a range as a whole that ends beyond the addresses it gives to processes. */
    @Override
    public void read(long from, long to, PageStates states) {
        long position = from;
        while (position < to) {
            long regions = scan.any(position, to, ANYTHING, shown);
            if (regions == -Linux.EFAULT()) {
                readMapped(position, to, states);
                return;
            }
            position = take(position, regions, states);
        }
    }

    private void readMapped(long from, long to, PageStates states) {
        Layout.read(process).forEachMapped(from, to, (mappedFrom, mappedTo) -> {
            long position = mappedFrom;
            while (position < mappedTo) {
                position = take(position, scan.any(position, mappedTo, ANYTHING, shown), states);
            }
        });
    }

    /** Returns where to go on. */
    private long take(long position, long regions, PageStates states) {
        String operand = "0x" + Long.toHexString(position);
        ErrnoException.check(regions, "PAGEMAP_SCAN", operand);
        for (long i = 0; i < regions; i++) {
            states.add(
                    scan.regionStart(i), scan.regionEnd(i), STATES[(int) scan.regionCategories(i) & (CATEGORIES - 1)]);
        }
        if (scan.end() <= position) {
            throw new ErrnoException("PAGEMAP_SCAN", operand, Linux.EIO());
        }
        return scan.end();
    }

    @Override
    public int unknown() {
        return ((shown & Linux.PAGE_IS_SOFT_DIRTY()) == 0 ? PageStates.SOFT_DIRTY : 0)
                | ((shown & Linux.PAGE_IS_GUARD()) == 0 ? PageStates.GUARD : 0);
    }
}
