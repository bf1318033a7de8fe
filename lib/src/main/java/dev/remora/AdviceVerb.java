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
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/** Advice for ranges of a process. */
class AdviceVerb implements RangeVerb<RangeOutcome> {

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

    /** Asks for nothing, to find out whether it may: what several threads begin at once is to be refused once. */
    void requirePermitted(RunControl control) {
        try (Arena arena = Arena.ofConfined()) {
            long result = ask(new IoVectors(arena, 1));
            if (result == -Linux.ESRCH()) {
                control.end(RunControl.End.PROCESS_GONE);
            } else if (result == -Linux.EINVAL()) {
                requireSupported();
            } else if (result < 0) {
                throw failure(0, (int) -result);
            } else {
                control.permit();
            }
        }
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
