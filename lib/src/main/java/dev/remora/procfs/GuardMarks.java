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

    /** As many pages are looked at together. */
    private static final int STEP = 256;

    private GuardMarks() {}

    /** Says whether one is seen between two addresses, from the higher one downwards; false where it cannot be read. */
    public static boolean anyBetween(Kernel kernel, ProcDirectory process, long from, long to) {
        long pageSize = PageSize.of(kernel);
        long first = from / pageSize;
        try (Arena arena = Arena.ofConfined();
                Descriptor pagemap = process.descriptor(Entry.PAGEMAP)) {
            MemorySegment entries = arena.allocate(ValueLayout.JAVA_LONG, STEP);
            for (long end = to / pageSize; end > first; end -= STEP) {
                long begin = Math.max(first, end - STEP);
                long bytes = (end - begin) * Long.BYTES;
                if (OpenFiles.readAt(kernel, pagemap, entries, bytes, begin * Long.BYTES) != bytes) {
                    return false;
                }
                if (anyGuard(entries, end - begin)) {
                    return true;
                }
            }
            return false;
        } catch (ErrnoException unreadable) {
            return false;
        }
    }

    private static boolean anyGuard(MemorySegment entries, long count) {
        for (long i = 0; i < count; i++) {
            if (PageMapEntry.guard(entries.getAtIndex(ValueLayout.JAVA_LONG, i))) {
                return true;
            }
        }
        return false;
    }
}
