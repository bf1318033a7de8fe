package dev.remora;

import dev.remora.addressspace.MemoryRange;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.PageSurvey;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Kernel;
import java.util.ArrayList;
import java.util.List;

/** Finds out what verbs would do. Failures are {@link dev.remora.syscall.ErrnoException}. */
final class Planning {

    /** Those whose plan looks at mappings and swap only, and not at each page. */
    private static final List<Advice> QUICK = List.of(Advice.PAGEOUT, Advice.COLD, Advice.WILLNEED);

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long pageSize;

    Planning(Kernel kernel, PinnedProcess process, long pageSize) {
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
    }

    SelectionPlan all(Selection selection) {
        RangeList ranges = selection.ranges();
        List<VerbPlan> plans = new ArrayList<>();
        for (Advice advice : QUICK) {
            plans.add(new Advising(kernel, process, pageSize, AdviceManner.USUAL)
                    .plan(advice, ranges, selection.reads()));
        }
        plans.add(locating(selection, ranges));
        plans.add(surveying(selection, ranges));
        return new SelectionPlan(selection.toString(), plans);
    }

    /** What only looks knows no guard. */
    private VerbPlan locating(Selection selection, RangeList ranges) {
        List<MemoryRange> asked = asked(ranges);
        long pages = asked.stream().mapToLong(MemoryRange::byteSize).sum() / pageSize;
        long calls = Math.ceilDiv(pages, PageRun.CAPACITY);
        return new VerbPlan("nodes()", selection.readsToFind(), PageRun.CALL, calls, asked, List.of());
    }

    private VerbPlan surveying(Selection selection, RangeList ranges) {
        HarmlessCall scan = HarmlessCall.PAGEMAP_SCAN;
        List<MemoryRange> asked = asked(ranges);
        boolean scans = !scan.meansAbsent(scan.answer(kernel));
        List<String> reads = new ArrayList<>(selection.readsToFind());
        if (!scans) {
            reads.add(Selection.MAPS);
        }
        return new VerbPlan(
                "residency()",
                reads,
                scans ? scan.name() : "pread64 of /proc/PID/pagemap",
                scans ? asked.size() : readsOfEntries(asked),
                asked,
                List.of());
    }

    private long readsOfEntries(List<MemoryRange> asked) {
        return asked.stream()
                .mapToLong(range -> Math.ceilDiv(range.byteSize() / pageSize, PageSurvey.ENTRIES_AT_ONCE))
                .sum();
    }

    private static List<MemoryRange> asked(RangeList ranges) {
        List<MemoryRange> asked = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            if (!ranges.leftOut(i)) {
                asked.add(MemoryRange.of(ranges.address(i), ranges.byteSize(i)));
            }
        }
        return asked;
    }
}
