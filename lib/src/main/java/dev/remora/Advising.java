package dev.remora;

import dev.remora.AdviceOutcome.Stopped;
import dev.remora.RunControl.End;
import dev.remora.Verdict.Tally;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.Kernel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives advice for ranges of a process, in the manner that the caller wants. */
final class Advising {

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long pageSize;
    private final AdviceManner manner;

    Advising(Kernel kernel, PinnedProcess process, long pageSize, AdviceManner manner) {
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
        this.manner = manner;
    }

    AdviceOutcome give(Advice advice, RangeList ranges) {
        if (ranges.size() == 0) {
            return new AdviceOutcome.NothingSelected(advice);
        }
        var control = new AdviceControl(manner, ranges.totalBytes(), pageSize);
        return outcome(advice, run(advice, ranges, control), control.end());
    }

    private RangeLedger<RangeOutcome> run(Advice advice, RangeList ranges, RunControl control) {
        var verb = new AdviceVerb(kernel, process, advice);
        if (manner.threads() == 1) {
            return new RangeRun<>(verb, pageSize, control).over(ranges);
        }
        verb.requirePermitted(control);
        return new ParallelRun<>(() -> new AdviceVerb(kernel, process, advice), pageSize, control, manner.threads())
                .over(ranges);
    }

    private static AdviceOutcome outcome(Advice advice, RangeLedger<RangeOutcome> ledger, @Nullable End end) {
        List<RangeOutcome> parts = ledger.parts();
        long advised = ledger.bytes(Tally.DONE);
        long skipped = ledger.bytes(Tally.SKIPPED);
        long notReached = ledger.bytes(Tally.NOT_REACHED);
        if (end == End.PROCESS_GONE) {
            return new AdviceOutcome.ProcessGone(advice, parts, advised, skipped, notReached);
        }
        if (notReached > 0) {
            var cause = end == End.INTERRUPTED ? Stopped.Cause.INTERRUPTED : Stopped.Cause.CANCELLED;
            return new AdviceOutcome.Stopped(advice, parts, advised, skipped, notReached, cause);
        }
        return skipped == 0
                ? new AdviceOutcome.Complete(advice, parts, advised)
                : new AdviceOutcome.Partial(advice, parts, advised, skipped);
    }
}
