import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.ColdMemory;
import dev.remora.PageFact;
import dev.remora.PageMark;
import dev.remora.RemoteMemory;
import dev.remora.Residency;
import dev.remora.SyscallFailedException;
import dev.remora.UseMark;
import dev.remora.WrittenPages;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;

/** Finds out which pages of a process are where, which it wrote, and what it does not use. */
final class Pages {

    private Pages() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(16 * MiB);
            MemoryRange other = child.map(16 * MiB);
            MemoryRange half = MemoryRange.of(range.address(), 8 * MiB);
            child.touch(half);
            child.touch(other);
            // @start region=residency
            Residency residency = memory.ranges(range).residency();
            System.out.println(residency);
            System.out.println("in RAM: " + residency.ranges(PageFact.PRESENT));
            // @end
            // @start region=cold
            UseMark use = memory.markUse(UseMark.Pages.ANONYMOUS);
            child.touch(half);
            ColdMemory cold = memory.ranges(range, other).whatIsCold(use);
            System.out.println(cold);
            if (!cold.ranges().isEmpty()) {
                System.out.println("to be paged out: " + memory.ranges(cold.ranges()));
            }
            // @end
            tellWhatIsWritten(child, memory, range);
        }
    }

    private static void tellWhatIsWritten(SandboxedProcess child, RemoteMemory memory, MemoryRange range) {
        try {
            child.trackWrites(range);
        } catch (SyscallFailedException tooOld) {
            System.out.println("not tracked: " + tooOld.getMessage());
            return;
        }
        // @start region=written
        PageMark mark = memory.ranges(range).mark();
        child.touch(MemoryRange.of(range.address() + MiB, MiB));
        WrittenPages pages = memory.ranges(range).writtenSince(mark);
        System.out.println(pages);
        // @end
    }
}
