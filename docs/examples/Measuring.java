import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.AdviceEffect;
import dev.remora.AdviceOutcome;
import dev.remora.CollapseLimits;
import dev.remora.RemoteMemory;
import dev.remora.SkipReason;
import dev.remora.SwapGuard;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;

/** Measures what advice does, keeps away from a full swap, and makes huge pages within limits. */
final class Measuring {

    private Measuring() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(64 * MiB);
            child.touch(range);
            // @start region=measured
            AdviceOutcome outcome = memory.ranges(range).measured().pageOut();
            outcome.effect().ifPresent(effect -> System.out.println("page-out: " + effect));
            // @end
            // @start region=guard
            AdviceOutcome guarded =
                    memory.ranges(range).swapGuard(SwapGuard.MARK_COLD).pageOut();
            if (guarded.skipped().stream().anyMatch(part -> part.reason() == SkipReason.COLD_INSTEAD)) {
                System.out.println("no room in swap; marked cold: " + ByteSize.format(guarded.skippedBytes()));
            }
            // @end
            // @start region=collapse
            AdviceOutcome collapsed = memory.ranges(range)
                    .collapseLimits(new CollapseLimits(50, 16 * MiB))
                    .collapse();
            AdviceEffect effect = collapsed.effect().orElseThrow();
            System.out.println(ByteSize.format(effect.after().hugeBytes()) + " of "
                    + ByteSize.format(effect.after().residentBytes()) + " are huge, grew by "
                    + ByteSize.format(effect.growthBytes()));
            // @end
        }
    }
}
