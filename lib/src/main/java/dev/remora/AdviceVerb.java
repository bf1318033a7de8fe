package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.ProcessMadvise;
import dev.remora.text.Printable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Advice for ranges of a process. */
final class AdviceVerb implements RangeVerb<RangeOutcome> {

    private record Advised() implements Verdict<RangeOutcome> {
        @Override
        public Tally tally() {
            return Tally.DONE;
        }

        @Override
        public RangeOutcome of(MemoryRange range) {
            return new RangeOutcome.Advised(range);
        }
    }

    private record Skipped(SkipReason reason, int errno) implements Verdict<RangeOutcome> {
        @Override
        public Tally tally() {
            return Tally.SKIPPED;
        }

        @Override
        public RangeOutcome of(MemoryRange range) {
            return new RangeOutcome.Skipped(range, reason, errno);
        }
    }

    private record NotReached() implements Verdict<RangeOutcome> {
        @Override
        public Tally tally() {
            return Tally.NOT_REACHED;
        }

        @Override
        public RangeOutcome of(MemoryRange range) {
            return new RangeOutcome.NotReached(range);
        }
    }

    private static final Advised ADVISED = new Advised();
    private static final NotReached NOT_REACHED = new NotReached();

    private final Kernel kernel;
    private final PinnedProcess process;
    private final Advice advice;
    private final Refusals refusals;

    AdviceVerb(Kernel kernel, PinnedProcess process, Advice advice) {
        this.kernel = kernel;
        this.process = process;
        this.advice = advice;
        refusals = new Refusals(process, advice);
    }

    AdviceOutcome over(RangeList ranges, long pageSize) {
        var run = new RangeRun<>(this, pageSize);
        RangeLedger<RangeOutcome> ledger = run.over(ranges);
        List<RangeOutcome> parts = ledger.parts();
        long advised = ledger.bytes(Tally.DONE);
        long skipped = ledger.bytes(Tally.SKIPPED);
        if (run.processGone()) {
            return new AdviceOutcome.ProcessGone(advice, parts, advised, skipped, ledger.bytes(Tally.NOT_REACHED));
        }
        if (ledger.isEmpty()) {
            return new AdviceOutcome.NothingSelected(advice);
        }
        return skipped == 0
                ? new AdviceOutcome.Complete(advice, parts, advised)
                : new AdviceOutcome.Partial(advice, parts, advised, skipped);
    }

    @Override
    public long ask(IoVectors ranges) {
        return ProcessMadvise.call(kernel, process.pidFd().descriptor(), ranges, advice.value());
    }

    @Override
    public ErrnoException failure(int ranges, int errno) {
        return new ErrnoException(
                "process_madvise",
                "process " + process.pid() + ", " + advice + ", " + Printable.count(ranges, "range"),
                errno);
    }

    @Override
    public void requireSupported() {
        refusals.requireKnownAdvice(
                () -> ProcessMadvise.knows(kernel, process.pidFd().descriptor(), advice.value()));
    }

    @Override
    public @Nullable RangeList parts(long address, long byteSize) {
        return refusals.parts(address, byteSize);
    }

    @Override
    public boolean processGone() {
        return refusals.processGone();
    }

    @Override
    public Verdict<RangeOutcome> done(long address) {
        return ADVISED;
    }

    @Override
    public Verdict<RangeOutcome> skipped(SkipReason reason, int errno) {
        return new Skipped(reason, errno);
    }

    @Override
    public Verdict<RangeOutcome> notReached() {
        return NOT_REACHED;
    }

    @Override
    public Verdict<RangeOutcome> forbidden() {
        return new Skipped(SkipReason.NOT_PERMITTED, Linux.EPERM());
    }

    @Override
    public Verdict<RangeOutcome> refused(long address, int errno) {
        return new Skipped(refusals.reason(address, errno), errno);
    }

    /** What is logged. */
    @Override
    public String toString() {
        return advice + " for process " + process.pid();
    }
}
