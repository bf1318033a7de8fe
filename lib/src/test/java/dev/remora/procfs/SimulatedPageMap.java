package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.bindings.page_region;
import dev.remora.bindings.pm_scan_arg;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/** A kernel with one process of one mapping, whose {@code pagemap} can be read and scanned; as Linux does, it may stop a scan anywhere. */
final class SimulatedPageMap implements Kernel {

    static final long PAGE = 4096;

    /** Where the one mapping lies. */
    static final long BASE = 0x7f_0000_0000L;

    static final long MAPPED_PAGES = 20_000;

    /** Where the addresses end that the kernel gives to processes. */
    static final long END = BASE + 30_000 * PAGE;

    /** How many regions the kernel itself collects before it hands them out, and notes where it was. */
    private static final int COLLECTED = 512;

    /** What Linux 6.18 knows. */
    static final long ALL_CATEGORIES = 0x1ff;

    /** The categories of each page that is not empty, by address. */
    final TreeMap<Long, Integer> pages = new TreeMap<>();

    long known = ALL_CATEGORIES;
    boolean scans = true;

    /** How many pages a scan looks at before it stops. */
    long patience = Long.MAX_VALUE;

    /** How many of the next scans are interrupted. */
    int interruptions;

    boolean memoryGivenUp;
    int scansMade;
    int entriesRead;
    private boolean mapsRead;

    @Override
    public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        if (number == Syscall.OPENAT.number()) {
            mapsRead = false;
            return 100;
        }
        if (number == Syscall.READ.number()) {
            return maps(memory(a1, a2));
        }
        if (number == Syscall.CLOSE.number()) {
            return 0;
        }
        if (number == Syscall.PREAD64.number()) {
            return memoryGivenUp ? 0 : read(memory(a1, a2), a3);
        }
        if (number == Syscall.IOCTL.number() && a1 == Linux.PAGEMAP_SCAN()) {
            return scans ? scan(memory(a2, pm_scan_arg.sizeof())) : -Linux.ENOTTY();
        }
        throw new AssertionError("unexpected system call " + number);
    }

    private static MemorySegment memory(long address, long byteSize) {
        return MemorySegment.ofAddress(address).reinterpret(byteSize);
    }

    private long maps(MemorySegment text) {
        if (mapsRead) {
            return 0;
        }
        mapsRead = true;
        byte[] line = "%x-%x rw-p 00000000 00:00 0 %n"
                .formatted(BASE, BASE + MAPPED_PAGES * PAGE)
                .getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(line, 0, text, ValueLayout.JAVA_BYTE, 0, line.length);
        return line.length;
    }

    private long read(MemorySegment entries, long offset) {
        entriesRead += (int) (entries.byteSize() / Long.BYTES);
        for (long i = 0; i < entries.byteSize() / Long.BYTES; i++) {
            int categories = pages.getOrDefault((offset / Long.BYTES + i) * PAGE, 0);
            entries.setAtIndex(ValueLayout.JAVA_LONG, i, entry(categories));
        }
        return entries.byteSize();
    }

    private static long entry(int categories) {
        return bit(categories, Linux.PAGE_IS_PRESENT(), 63)
                | bit(categories, Linux.PAGE_IS_SWAPPED(), 62)
                | bit(categories, Linux.PAGE_IS_FILE(), 61)
                | bit(categories, Linux.PAGE_IS_GUARD(), 58)
                | bit(categories, Linux.PAGE_IS_SOFT_DIRTY(), 55);
    }

    private static long bit(int categories, int category, int bit) {
        return (categories & category) != 0 ? 1L << bit : 0;
    }

    private long scan(MemorySegment argument) {
        scansMade++;
        long shown = pm_scan_arg.return_mask(argument);
        if (pm_scan_arg.size(argument) != 96 || (shown & ~known) != 0) {
            return -Linux.EINVAL();
        }
        if (interruptions > 0) {
            interruptions--;
            return -Linux.EINTR();
        }
        long from = pm_scan_arg.start(argument);
        long to = pm_scan_arg.end(argument);
        if (to > END) {
            return -Linux.EFAULT();
        }
        long stop = patience < (to - from) / PAGE ? from + patience * PAGE : to;
        return memoryGivenUp ? end(argument, to, 0) : scan(argument, from, stop, shown);
    }

    private static long end(MemorySegment argument, long where, long regions) {
        pm_scan_arg.walk_end(argument, where);
        return regions;
    }

    private long scan(MemorySegment argument, long from, long stop, long shown) {
        long room = pm_scan_arg.vec_len(argument);
        MemorySegment regions = memory(pm_scan_arg.vec(argument), room * page_region.sizeof());
        long count = 0;
        long noted = stop;
        for (var page : pages.subMap(from, stop).entrySet()) {
            if ((page.getValue() & pm_scan_arg.category_anyof_mask(argument)) == 0) {
                continue;
            }
            long categories = page.getValue() & shown;
            MemorySegment last = count == 0 ? MemorySegment.NULL : page_region.asSlice(regions, count - 1);
            if (count > 0 && page_region.end(last) == page.getKey() && page_region.categories(last) == categories) {
                page_region.end(last, page.getKey() + PAGE);
            } else if (count == room) {
                return end(argument, page.getKey(), count);
            } else {
                if (count > 0 && count % COLLECTED == 0) {
                    noted = page.getKey();
                }
                MemorySegment region = page_region.asSlice(regions, count++);
                page_region.start(region, page.getKey());
                page_region.end(region, page.getKey() + PAGE);
                page_region.categories(region, categories);
            }
        }
        return end(argument, stop < pm_scan_arg.end(argument) ? stop : noted, count);
    }
}
