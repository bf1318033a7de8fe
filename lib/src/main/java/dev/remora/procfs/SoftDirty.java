package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Whether the kernel was built to mark pages that are written ({@code CONFIG_MEM_SOFT_DIRTY}). */
final class SoftDirty {

    private SoftDirty() {}

    /** Says whether a page of this process that was just written is marked; false where that cannot be seen. */
    static boolean supported(Kernel kernel, long pageSize) {
        try (Arena arena = Arena.ofConfined();
                ProcDirectory self = ProcDirectory.ofThisProcess(kernel);
                Descriptor pagemap = self.descriptor(Entry.PAGEMAP)) {
            MemorySegment entry = arena.allocate(ValueLayout.JAVA_LONG);
            entry.set(ValueLayout.JAVA_LONG, 0, 1);
            long offset = entry.address() / pageSize * Long.BYTES;
            long read = OpenFiles.readAt(kernel, pagemap, entry, Long.BYTES, offset);
            return read == Long.BYTES && PageMapEntry.softDirty(entry.get(ValueLayout.JAVA_LONG, 0));
        } catch (ErrnoException unreadable) {
            return false;
        }
    }
}
