package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import dev.remora.syscall.PageSize;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Guards that are no mappings but marks in the page table: {@code MADV_GUARD_INSTALL}, Linux 6.13. glibc 2.42 puts them below
 * the stacks of threads. The kernel shows them in {@code pagemap} since 6.15.
 */
public final class GuardMarks {

    /** {@code PM_GUARD_REGION} of the kernel's {@code fs/proc/task_mmu.c}. */
    private static final long GUARD = 1L << 58;

    private GuardMarks() {}

    /** Says whether one is seen between two addresses; false where it cannot be read. */
    public static boolean anyBetween(Kernel kernel, ProcDirectory process, long from, long to) {
        long pageSize = PageSize.of(kernel);
        long first = Long.divideUnsigned(from, pageSize);
        long bytes = (Long.divideUnsigned(to, pageSize) - first) * Long.BYTES;
        try (Arena arena = Arena.ofConfined();
                Descriptor pagemap = process.descriptor(Entry.PAGEMAP)) {
            MemorySegment entries = arena.allocate(bytes, Long.BYTES);
            long read = OpenFiles.readAt(kernel, pagemap, entries, bytes, first * Long.BYTES);
            return read > 0
                    && entries.asSlice(0, read).elements(ValueLayout.JAVA_LONG).anyMatch(GuardMarks::isGuard);
        } catch (ErrnoException unreadable) {
            return false;
        }
    }

    private static boolean isGuard(MemorySegment entry) {
        return (entry.get(ValueLayout.JAVA_LONG, 0) & GUARD) != 0;
    }
}
