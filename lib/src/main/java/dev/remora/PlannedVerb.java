package dev.remora;

import dev.remora.process.PinnedProcess;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.Kernel;
import java.util.concurrent.atomic.AtomicLong;

/** Advice that is not given: whatever it is asked for, it takes. What is left is how often that was. */
final class PlannedVerb extends AdviceVerb {

    private final AtomicLong calls;

    PlannedVerb(Kernel kernel, PinnedProcess process, Advice advice, AtomicLong calls) {
        super(kernel, process, advice);
        this.calls = calls;
    }

    @Override
    public long ask(IoVectors ranges) {
        calls.incrementAndGet();
        long bytes = 0;
        for (int i = 0; i < ranges.size(); i++) {
            bytes += ranges.byteSize(i);
        }
        return bytes;
    }
}
