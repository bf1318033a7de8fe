import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.AdviceOutcome;
import dev.remora.RangeSelection;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;

/** Acts only on memory that is still laid out as it was when it was looked at. */
final class Unchanged {

    private Unchanged() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(8 * MiB);
            child.touch(range);
            // @start region=unless-changed
            AddressSpace before = memory.addressSpace();
            RangeSelection chosen = memory.ranges(range).unlessChanged(before);
            System.out.println(chosen.markCold().complete());
            // @end
            child.unmap(MemoryRange.of(range.address() + 2 * MiB, MiB));
            // @start region=changed
            switch (chosen.markCold()) {
                case AdviceOutcome.LayoutChanged layout ->
                    System.out.println("not done, look again: " + layout.changed() + " changed");
                case AdviceOutcome.InDoubt doubt ->
                    System.out.println("done, but perhaps to something else in " + doubt.doubtful());
                case AdviceOutcome outcome -> System.out.println(outcome);
            }
            // @end
        }
    }
}
