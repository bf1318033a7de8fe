package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.page_region;
import dev.remora.bindings.pm_scan_arg;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code PAGEMAP_SCAN} of an open {@code pagemap}, Linux 6.7: which pages have which categories, and to write-protect those
 * whose writes are tracked. Categories are {@code PAGE_IS_…}.
 *
 * <p>A scan ends early when there is no room left for regions; {@link #end()} says where, and from there it is to be continued. Of
 * memory that is given up there is nothing to tell, and that is no failure.
 */
public final class PageScan {

    private static final long REGION = page_region.sizeof();
    private static final long START = page_region.start$offset();
    private static final long END = page_region.end$offset();
    private static final long CATEGORIES = page_region.categories$offset();

    private final Kernel kernel;
    private final Descriptor pagemap;
    private final MemorySegment argument;
    private final MemorySegment regions;
    private final int capacity;
    private long found;

    public PageScan(Kernel kernel, Descriptor pagemap, int capacity, Arena arena) {
        this.kernel = kernel;
        this.pagemap = pagemap;
        this.capacity = capacity;
        argument = pm_scan_arg.allocate(arena);
        regions = arena.allocate(REGION * capacity, Long.BYTES);
        pm_scan_arg.size(argument, argument.byteSize());
    }

    /** Says whether the kernel knows these categories; false also if it cannot scan. */
    public boolean knows(long categories) {
        prepare(0, 0, 0, 0, categories);
        return call() == 0;
    }

    /** Returns how many regions there are of pages with any of some categories, or −errno: ENOTTY if it cannot scan. */
    public long any(long from, long to, long categories, long shown) {
        prepare(from, to, 0, categories, shown);
        return call();
    }

    /**
     * Returns how many regions there are of pages that were written, or −errno: EPERM where a mapping does not have its writes
     * tracked.
     */
    public long written(long from, long to) {
        prepare(from, to, Linux.PAGE_IS_WRITTEN(), 0, Linux.PAGE_IS_WRITTEN());
        pm_scan_arg.flags(argument, Linux.PM_SCAN_CHECK_WPASYNC());
        return call();
    }

    /**
     * Write-protects pages that were written, so that they count as not written. Returns how many regions there were, or −errno:
     * EPERM where a mapping does not have its writes tracked. The regions are asked for although nobody looks at them: without
     * them, some kernels from Linux 6.7 to 6.17 break where a part of a huge page is protected.
     */
    public long protectWritten(long from, long to) {
        prepare(from, to, Linux.PAGE_IS_WRITTEN(), 0, Linux.PAGE_IS_WRITTEN());
        pm_scan_arg.flags(argument, Linux.PM_SCAN_CHECK_WPASYNC() | Linux.PM_SCAN_WP_MATCHING());
        return call();
    }

    private void prepare(long from, long to, long all, long any, long shown) {
        pm_scan_arg.flags(argument, 0);
        pm_scan_arg.start(argument, from);
        pm_scan_arg.end(argument, to);
        pm_scan_arg.walk_end(argument, from);
        pm_scan_arg.vec(argument, regions.address());
        pm_scan_arg.vec_len(argument, capacity);
        pm_scan_arg.max_pages(argument, 0);
        pm_scan_arg.category_inverted(argument, 0);
        pm_scan_arg.category_mask(argument, all);
        pm_scan_arg.category_anyof_mask(argument, any);
        pm_scan_arg.return_mask(argument, shown);
    }

    private long call() {
        long result;
        do {
            result = kernel.call(Syscall.IOCTL, pagemap.number(), Linux.PAGEMAP_SCAN(), argument.address());
        } while (result == -Linux.EINTR());
        found = Math.max(0, result);
        return result;
    }

    /**
     * Where the last scan stopped. The kernel collects regions in a smaller room of its own, and says where it was when that was
     * last full, although it went on from there.
     */
    public long end() {
        long told = pm_scan_arg.walk_end(argument);
        return found == 0 ? told : Math.max(told, regionEnd(found - 1));
    }

    public long regionStart(long index) {
        return regions.get(ValueLayout.JAVA_LONG, REGION * index + START);
    }

    public long regionEnd(long index) {
        return regions.get(ValueLayout.JAVA_LONG, REGION * index + END);
    }

    public long regionCategories(long index) {
        return regions.get(ValueLayout.JAVA_LONG, REGION * index + CATEGORIES);
    }
}
