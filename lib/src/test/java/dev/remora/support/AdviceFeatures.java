package dev.remora.support;

import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.Advice;
import dev.remora.AdviceOutcome;
import dev.remora.RemoteMemory;
import dev.remora.SwapGuard;
import dev.remora.UnsupportedKernelException;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.util.List;

/** Opening a process, and advising its memory. */
final class AdviceFeatures {

    private AdviceFeatures() {}

    static List<Feature> all() {
        return List.of(
                new Feature("open by pidfd", AdviceFeatures::open),
                new Feature("advise COLD", (child, memory) -> advise(Advice.COLD, child, memory)),
                new Feature("advise PAGEOUT", (child, memory) -> advise(Advice.PAGEOUT, child, memory)),
                new Feature("advise WILLNEED", (child, memory) -> advise(Advice.WILLNEED, child, memory)),
                new Feature("advise COLLAPSE", (child, memory) -> advise(Advice.COLLAPSE, child, memory)));
    }

    private static Answer open(SandboxedProcess child, RemoteMemory first) {
        try (var memory = RemoteMemory.open(child.handle())) {
            return memory.addressSpace().byteSize() > 0 && first.pid() == memory.pid()
                    ? new Answer.Works()
                    : new Answer.Failed("it seems to map nothing");
        }
    }

    /** On one huge page of private memory, which is there. What the advice brings about is up to the other tests. */
    private static Answer advise(Advice advice, SandboxedProcess child, RemoteMemory memory) {
        try {
            MemoryRange mapped = child.map(4 * MiB);
            child.touch(mapped);
            MemoryRange huge = MemoryRange.of(roundedUp(mapped.address()), 2 * MiB);
            AdviceOutcome outcome = memory.ranges(huge).swapGuard(SwapGuard.OFF).advise(advice);
            return outcome.complete()
                    ? new Answer.Works()
                    : new Answer.Failed(outcome.skipped().toString());
        } catch (UnsupportedKernelException old) {
            return new Answer.Unsupported("needs Linux " + advice.firstKernel());
        }
    }

    private static long roundedUp(long address) {
        return Math.ceilDiv(address, 2 * MiB) * 2 * MiB;
    }
}
