import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.AdviceOutcome;
import dev.remora.RangeOutcome;
import dev.remora.RemoteMemory;
import dev.remora.SkipReason;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.util.List;

/** Brings about each outcome there is, and handles it. */
final class Outcomes {

    private Outcomes() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(8 * MiB);
            handle(memory.ranges(range).markCold());
            child.unmap(MemoryRange.of(range.address(), MiB));
            handle(memory.ranges(range).markCold());
            handle(memory.mappings().named("/no/such/file").markCold());
            child.handle().destroyForcibly();
            child.handle().onExit().join();
            handle(memory.ranges(range).markCold());
        }
    }

    private static void handle(AdviceOutcome outcome) {
        // @start region=outcomes
        switch (outcome) {
            case AdviceOutcome.Complete complete ->
                System.out.println("all " + ByteSize.format(complete.advisedBytes()) + " advised");
            case AdviceOutcome.Partial partial -> {
                partial.skipped().forEach(part -> System.out.println(part.range() + " " + part.reason()));
                List<MemoryRange> again = partial.skipped().stream()
                        .filter(part -> part.reason() == SkipReason.BUSY)
                        .map(RangeOutcome.Skipped::range)
                        .toList();
                System.out.println(again.size() + " ranges are worth another try later");
            }
            case AdviceOutcome.ProcessGone gone ->
                System.out.println("gone, " + ByteSize.format(gone.notReachedBytes()) + " not reached: forget it");
            case AdviceOutcome.Stopped stopped ->
                System.out.println(
                        stopped.cause() + ", " + ByteSize.format(stopped.notReachedBytes()) + " not reached");
            case AdviceOutcome.LayoutChanged layout ->
                System.out.println("not done, the layout changed in " + layout.changed());
            case AdviceOutcome.InDoubt doubt -> {
                System.out.println("in doubt where the layout changed meanwhile: " + doubt.doubtful());
                handle(doubt.outcome());
            }
            case AdviceOutcome.NothingSelected nothing ->
                System.out.println("nothing there to give " + nothing.advice() + " for: check the selection");
        }
        // @end
    }
}
