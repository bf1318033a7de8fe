package dev.remora;

import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MappingDetail;
import dev.remora.procfs.MappingDetails;
import dev.remora.procfs.PageMap;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.Kernel;
import org.jspecify.annotations.Nullable;

/** Which huge pages are to be made of the ranges of a request, so that the process does not grow too much. */
final class CollapsePlan {

    private static final int PERCENT = 100;

    /** Looked at by one call of the kernel, which takes the lock on the mappings for each of them anew. */
    private static final int MOST_AT_ONCE = 64;

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long pageSize;
    private final CollapseLimits limits;
    private final RunControl control;
    private final long hugePage;
    private final int pagesOfWindow;
    private int windowsAtOnce;
    private long growthLeft;

    CollapsePlan(Kernel kernel, PinnedProcess process, long pageSize, CollapseLimits limits, RunControl control) {
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
        this.limits = limits;
        growthLeft = limits.mostGrowthBytes();
        this.control = control;
        hugePage = hugePage(pageSize);
        pagesOfWindow = (int) (hugePage / pageSize);
    }

    /** As many pages as a page table has entries of 8 bytes: 2 MiB for pages of 4 KiB. */
    static long hugePage(long pageSize) {
        return pageSize * (pageSize / Long.BYTES);
    }

    /**
     * Makes a list of the same bytes; what is not to be a huge page is left out. Once the run is to end, nothing is looked at
     * any more. Throws ErrnoException.
     */
    RangeList of(RangeList ranges, MappingDetails details) {
        windowsAtOnce = Math.clamp(longest(ranges) / hugePage, 1, MOST_AT_ONCE);
        try (var pageMap = new PageMap(kernel, process.directory(), pageSize, windowsAtOnce * pagesOfWindow)) {
            return CutRanges.of(
                    ranges, details, (from, to, mapping, result) -> plan(from, to, mapping, result, pageMap));
        }
    }

    private static long longest(RangeList ranges) {
        long longest = 0;
        for (int i = 0; i < ranges.size(); i++) {
            longest = Math.max(longest, ranges.byteSize(i));
        }
        return longest;
    }

    private boolean plan(long from, long to, @Nullable MappingDetail mapping, RangeList result, PageMap pageMap) {
        if (mapping == null) {
            return false;
        }
        long first = Math.min(to, from + hugePage - 1 & -hugePage);
        long last = Math.max(first, to & -hugePage);
        leaveOut(from, first, SkipReason.NO_HUGE_PAGE, result);
        if (mapping.residentBytes() == 0) {
            leaveOut(first, last, SkipReason.TOO_LITTLE_IN_RAM, result);
        } else {
            planWindows(first, last, result, pageMap);
        }
        leaveOut(last, to, SkipReason.NO_HUGE_PAGE, result);
        return true;
    }

    private void planWindows(long first, long last, RangeList result, PageMap pageMap) {
        long step = windowsAtOnce * hugePage;
        for (long from = first; from < last; from += step) {
            long to = last - from > step ? from + step : last;
            if (!control.goesOn()) {
                result.add(from, last - from);
                result.begin(true);
                return;
            }
            pageMap.read(from, (int) ((to - from) / pageSize));
            for (long window = from; window < to; window += hugePage) {
                plan(window, pageMap.present(window, pagesOfWindow) * pageSize, result);
            }
        }
    }

    private void plan(long window, long present, RangeList result) {
        long growth = hugePage - present;
        if (present * PERCENT < hugePage * limits.leastResidentPercent()) {
            leaveOut(window, window + hugePage, SkipReason.TOO_LITTLE_IN_RAM, result);
        } else if (growth > growthLeft) {
            leaveOut(window, window + hugePage, SkipReason.GROWTH_LIMIT, result);
        } else {
            growthLeft -= growth;
            result.add(window, hugePage);
            result.begin(true);
        }
    }

    private static void leaveOut(long from, long to, SkipReason reason, RangeList result) {
        if (from < to) {
            result.leaveOutPart(from, to - from, reason.number());
        }
    }
}
