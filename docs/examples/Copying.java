import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.CopyOutcome;
import dev.remora.RemoteMemory;
import dev.remora.UncopiedRange;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Copies memory from and to a process. */
final class Copying {

    private Copying() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(16 * MiB);
            child.touch(range);
            long address = range.address();
            // @start region=bytes
            byte[] bytes = memory.read(MemoryRange.of(address, 100));
            bytes[0]++;
            memory.write(address, bytes);
            // @end
            System.out.println("changed: " + (memory.read(MemoryRange.of(address, 1))[0] == bytes[0]));
            child.unmap(MemoryRange.of(address + 4 * MiB, 2 * MiB));
            // @start region=outcome
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment copy = arena.allocate(range.byteSize());
                CopyOutcome outcome = memory.read(range, copy);
                System.out.println(outcome);
                for (UncopiedRange missing : outcome.uncopied()) {
                    System.out.println("missing: " + missing.range() + ", " + missing.obstacle());
                }
            }
            // @end
            // @start region=several
            List<MemoryRange> headers = List.of(MemoryRange.of(address, 64), MemoryRange.of(address + 8 * MiB, 64));
            byte[] both = new byte[128];
            CopyOutcome read = memory.read(headers, MemorySegment.ofArray(both));
            // @end
            System.out.println("headers: " + read);
        }
    }
}
