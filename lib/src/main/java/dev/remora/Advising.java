package dev.remora;

import dev.remora.AdviceOutcome.Stopped;
import dev.remora.RunControl.End;
import dev.remora.Verdict.Tally;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MappingDetails;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.ThreadTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
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

    /** Whether somebody is told of each call, so that all of them have to be counted. */
    static boolean watched() {
        return AdviseEvent.recorded() || RangeRun.logged();
    }

    /**
     * Gives it.
     *
     * @param done for how many bytes, from the first range on, the kernel has taken it just now
     */
    AdviceOutcome give(Advice advice, RangeList ranges, long done, AdviseEvent event) {
        if (ranges.size() == 0) {
            return new AdviceOutcome.NothingSelected(advice);
        }
        event.ask(ranges);
        boolean collapses = advice == Advice.COLLAPSE;
        boolean measured = manner.measured() || collapses;
        AdviceControl control = control(advice, ranges, measured ? new ThreadTime(kernel) : null);
        MappingDetails before = measured ? MappingDetails.read(process.directory()) : null;
        EffectMeter meter = before == null ? null : new EffectMeter(kernel, process, ranges, before);
        RangeList chosen = chosen(
                advice,
                ranges,
                before,
                control,
                new SwapCheck(kernel, process, before),
                needing -> insteadOfSwap(needing, control));
        RangeLedger<RangeOutcome> ledger;
        long start = System.nanoTime();
        try {
            if (!alone(chosen)) {
                new AdviceVerb(kernel, process, advice).requirePermitted(control);
            }
            ledger = run(() -> new AdviceVerb(kernel, process, advice), chosen, done, control);
            control.finished();
        } finally {
            event.calls = control.calls();
            event.retries = control.retries();
        }
        var elapsed = Duration.ofNanos(System.nanoTime() - start);
        Optional<AdviceEffect> effect = meter == null ? Optional.empty() : meter.effect(elapsed, control.cpuTime());
        return outcome(advice, ledger, control.end(), effect);
    }

    private AdviceControl control(Advice advice, RangeList ranges, @Nullable ThreadTime threadTime) {
        long leastBatch = advice == Advice.COLLAPSE ? CollapsePlan.hugePage(pageSize) : pageSize;
        return new AdviceControl(threadTime, manner, ranges.totalBytes(), leastBatch);
    }

    /** What it would do, in the same way but for the calls. It waits for no pace, and tells nobody how far it has come. */
    VerbPlan plan(Advice advice, RangeList ranges, List<String> readBySelection) {
        boolean collapses = advice == Advice.COLLAPSE;
        long batchBytes = control(advice, ranges, null).batchBytes();
        var control = new RunControl() {
            @Override
            long batchBytes() {
                return batchBytes;
            }
        };
        var reads = new ArrayList<>(readBySelection);
        MappingDetails details = null;
        if (collapses || manner.measured()) {
            details = MappingDetails.read(process.directory());
            reads.addAll(MappingDetails.FILES);
        }
        var calls = new AtomicLong();
        var marking = new PlannedVerb(kernel, process, Advice.COLD, calls);
        var swapCheck = new SwapCheck(kernel, process, details);
        RangeList chosen = chosen(
                advice, ranges, details, control, swapCheck, needing -> insteadOfSwap(needing, marking, control));
        reads.addAll(swapCheck.reads());
        if (collapses) {
            reads.add("/proc/PID/pagemap");
        }
        List<RangeOutcome> parts = run(() -> new PlannedVerb(kernel, process, advice, calls), chosen, 0, control)
                .parts();
        return new VerbPlan(
                advice.toString(),
                reads,
                "process_madvise",
                calls.get(),
                parts.stream()
                        .filter(RangeOutcome.Advised.class::isInstance)
                        .map(RangeOutcome::range)
                        .toList(),
                parts.stream()
                        .filter(RangeOutcome.Skipped.class::isInstance)
                        .map(RangeOutcome.Skipped.class::cast)
                        .toList());
    }

    /** In which what is better not asked for is left out. */
    private RangeList chosen(
            Advice advice,
            RangeList ranges,
            @Nullable MappingDetails details,
            RunControl control,
            SwapCheck swapCheck,
            Function<RangeList, LongFunction<SkipReason>> insteadOfSwap) {
        if (advice == Advice.COLLAPSE && details != null) {
            new AdviceVerb(kernel, process, advice).requireSupported();
            return new CollapsePlan(kernel, process, pageSize, manner.collapseLimits(), control).of(ranges, details);
        }
        if (advice == Advice.PAGEOUT && manner.swapGuard() != SwapGuard.OFF) {
            return swapCheck.guard(ranges, insteadOfSwap);
        }
        return ranges;
    }

    /** What is not reached stays, and is not marked. */
    private LongFunction<SkipReason> insteadOfSwap(RangeList needing, AdviceControl control) {
        var marking = new MarkingControl(control);
        LongFunction<SkipReason> reasons =
                insteadOfSwap(needing, new AdviceVerb(kernel, process, Advice.COLD), marking);
        if (marking.end() == End.PROCESS_GONE) {
            control.end(End.PROCESS_GONE);
        }
        return reasons;
    }

    private LongFunction<SkipReason> insteadOfSwap(RangeList needing, AdviceVerb verb, RunControl marking) {
        if (manner.swapGuard() == SwapGuard.LEAVE) {
            return _ -> SkipReason.NO_SWAP;
        }
        Map<Long, SkipReason> reasons = new HashMap<>();
        for (RangeOutcome part :
                new RangeRun<>(verb, pageSize, marking).over(needing).parts()) {
            SkipReason reason = switch (part) {
                case RangeOutcome.Advised _ -> SkipReason.COLD_INSTEAD;
                case RangeOutcome.Skipped skipped -> skipped.reason();
                case RangeOutcome.NotReached _ -> SkipReason.NO_SWAP;
            };
            reasons.putIfAbsent(part.range().address(), reason);
        }
        return address -> reasons.getOrDefault(address, SkipReason.NO_SWAP);
    }

    /** Memory that is marked cold instead: it goes on as long as the whole does, in batches of that size and at its pace. */
    private static final class MarkingControl extends RunControl {

        private final AdviceControl whole;

        MarkingControl(AdviceControl whole) {
            this.whole = whole;
        }

        @Override
        long batchBytes() {
            return whole.batchBytes();
        }

        @Override
        boolean goesOn() {
            return whole.goesOn() && super.goesOn();
        }

        @Override
        void book(long bytes, Tally tally, boolean asked) {
            if (asked) {
                whole.spend(bytes);
            }
        }

        @Override
        void called(boolean again) {
            whole.called(again);
        }
    }

    private RangeLedger<RangeOutcome> run(
            Supplier<RangeVerb<RangeOutcome>> verbs, RangeList ranges, long done, RunControl control) {
        return alone(ranges)
                ? new RangeRun<>(verbs.get(), pageSize, control).over(ranges, done)
                : new ParallelRun<>(verbs, pageSize, control, manner.threads()).over(ranges);
    }

    private boolean alone(RangeList ranges) {
        return manner.threads() == 1 || !ranges.anyAsked();
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
