import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.AdviceOutcome;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;

/** Makes a child with a hole in its memory, and gives advice across the hole. */
final class Sandbox {

    private Sandbox() {}

    public static void main(String[] arguments) {
        // @start region=sandbox
        try (SandboxedProcess child = SandboxedProcess.start()) {
            MemoryRange range = child.map(8 * MiB);
            child.touch(range);
            child.unmap(MemoryRange.of(range.address() + 2 * MiB, MiB));

            try (RemoteMemory memory = RemoteMemory.open(child.handle())) {
                AdviceOutcome outcome = memory.ranges(range).markCold();
                System.out.println(outcome); // advised, a hole of 1 MiB, advised
            }
        }
        // @end
    }
}
