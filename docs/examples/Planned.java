import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.Advice;
import dev.remora.MappingSelection;
import dev.remora.RemoteMemory;
import dev.remora.VerbPlan;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;

/** Says what verbs would do, and does nothing. */
final class Planned {

    private Planned() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(64 * MiB);
            child.touch(range);
            // @start region=selection
            MappingSelection anonymous = memory.mappings().anonymous().writable();
            System.out.println(anonymous.plan());
            // @end
            // @start region=advice
            VerbPlan plan = memory.ranges(range).batchesOf(2 * MiB).plan(Advice.COLD);
            System.out.println(plan.call() + " " + plan.calls() + " times");
            // @end
        }
    }
}
