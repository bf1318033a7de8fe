package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.PageScan;
import java.lang.foreign.Arena;

/**
 * Which pages of a process were written since they were marked, where the process has that tracked ({@code
 * UFFD_FEATURE_WP_ASYNC}). Failures are {@link ErrnoException} of {@link #CALL}: EPERM where it has not, ENOTTY before Linux 6.7;
 * EIO where it does not get on, which are pages of hugetlbfs that are to be marked in part.
 */
public final class TrackedWrites {

    public static final String CALL = "PAGEMAP_SCAN";

    private static final int REGIONS = 1 << 12;

    private TrackedWrites() {}

    /** From now on, all pages of the ranges count as not written. */
    public static void mark(Kernel kernel, ProcDirectory process, RangeList ranges) {
        scan(kernel, process, ranges, (scan, from, to) -> scan.protectWritten(from, to));
    }

    /** Lists the pages that were written. */
    public static RangeList written(Kernel kernel, ProcDirectory process, RangeList ranges) {
        var found = new RangeList(64);
        scan(kernel, process, ranges, (scan, from, to) -> {
            long regions = scan.written(from, to);
            for (long i = 0; i < regions; i++) {
                found.add(scan.regionStart(i), scan.regionEnd(i) - scan.regionStart(i));
            }
            return regions;
        });
        return found;
    }

    private interface Step {
        long scan(PageScan scan, long from, long to);
    }

    private static void scan(Kernel kernel, ProcDirectory process, RangeList ranges, Step step) {
        try (Arena arena = Arena.ofConfined();
                Descriptor pagemap = process.descriptor(Entry.PAGEMAP)) {
            var scan = new PageScan(kernel, pagemap, REGIONS, arena);
            for (int i = 0; i < ranges.size(); i++) {
                long to = ranges.address(i) + ranges.byteSize(i);
                for (long position = ranges.address(i); position < to; position = scan.end()) {
                    String operand = "0x" + Long.toHexString(position) + "-0x" + Long.toHexString(to);
                    ErrnoException.check(step.scan(scan, position, to), CALL, operand);
                    if (scan.end() <= position) {
                        throw new ErrnoException(CALL, operand, Linux.EIO());
                    }
                }
            }
            PageSurvey.requireInUse(kernel, pagemap, arena);
        }
    }
}
