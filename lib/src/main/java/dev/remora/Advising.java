package dev.remora;

import dev.remora.AdviceOutcome.Stopped;
import dev.remora.RunControl.End;
import dev.remora.Verdict.Tally;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MappingDetails;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.Kernel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
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

    AdviceOutcome give(Advice advice, RangeList ranges, AdviseEvent event) {
        if (ranges.size() == 0) {
            return new AdviceOutcome.NothingSelected(advice);
        }
        boolean measured = manner.measured() || advice == Advice.COLLAPSE;
        EffectMeter meter = measured ? new EffectMeter(kernel, process, ranges) : null;
        RangeList chosen = chosen(advice, ranges);
        var control = new AdviceControl(kernel, manner, chosen.totalBytes(), pageSize);
        RangeLedger<RangeOutcome> ledger = run(advice, chosen, control);
        event.calls = control.calls();
        event.retries = control.retries();
        Optional<AdviceEffect> effect =
                meter == null ? Optional.empty() : meter.effect(control.elapsed(), control.cpuTime());
        return outcome(advice, ledger, control.end(), effect);
    }

    /** In which what is better not asked for is left out. */
    private RangeList chosen(Advice advice, RangeList ranges) {
        if (advice == Advice.COLLAPSE) {
            return new CollapsePlan(kernel, process, pageSize, manner.collapseLimits())
                    .of(ranges, MappingDetails.read(process.directory()));
        }
        if (advice == Advice.PAGEOUT && manner.swapGuard() != SwapGuard.OFF) {
            return new SwapCheck(kernel, process).guard(ranges, this::insteadOfSwap);
        }
        return ranges;
    }

    private LongFunction<SkipReason> insteadOfSwap(RangeList needing) {
        if (manner.swapGuard() == SwapGuard.LEAVE) {
            return _ -> SkipReason.NO_SWAP;
        }
        Map<Long, SkipReason> reasons = new HashMap<>();
        var verb = new AdviceVerb(kernel, process, Advice.COLD);
        for (RangeOutcome part :
                new RangeRun<>(verb, pageSize, new RunControl()).over(needing).parts()) {
            SkipReason reason =
                    part instanceof RangeOutcome.Skipped skipped ? skipped.reason() : SkipReason.COLD_INSTEAD;
            reasons.put(part.range().address(), reason);
        }
        return address -> reasons.getOrDefault(address, SkipReason.COLD_INSTEAD);
    }

    private RangeLedger<RangeOutcome> run(Advice advice, RangeList ranges, RunControl control) {
        var verb = new AdviceVerb(kernel, process, advice);
        if (manner.threads() == 1) {
            control.workBegins();
            try {
                return new RangeRun<>(verb, pageSize, control).over(ranges);
            } finally {
                control.workEnds();
            }
        }
        verb.requirePermitted(control);
        return new ParallelRun<>(() -> new AdviceVerb(kernel, process, advice), pageSize, control, manner.threads())
                .over(ranges);
    }

    private static AdviceOutcome outcome(
            Advice advice, RangeLedger<RangeOutcome> ledger, @Nullable End end, Optional<AdviceEffect> effect) {
        List<RangeOutcome> parts = ledger.parts();
        long advised = ledger.bytes(Tally.DONE);
        long skipped = ledger.bytes(Tally.SKIPPED);
        long notReached = ledger.bytes(Tally.NOT_REACHED);
        if (end == End.PROCESS_GONE) {
            return new AdviceOutcome.ProcessGone(advice, parts, advised, skipped, notReached);
        }
        if (notReached > 0) {
            var cause = end == End.INTERRUPTED ? Stopped.Cause.INTERRUPTED : Stopped.Cause.CANCELLED;
            return new AdviceOutcome.Stopped(advice, parts, advised, skipped, notReached, cause, effect);
        }
        return skipped == 0
                ? new AdviceOutcome.Complete(advice, parts, advised, effect)
                : new AdviceOutcome.Partial(advice, parts, advised, skipped, effect);
    }
}
