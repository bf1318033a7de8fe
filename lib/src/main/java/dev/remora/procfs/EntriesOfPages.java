package dev.remora.procfs;

import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds out by reading an entry of {@code pagemap} for every page that is mapped: on kernels that do not scan. */
final class EntriesOfPages implements PageReader {

    private final Kernel kernel;
    private final Descriptor pagemap;
    private final long pageSize;
    private final MemorySegment entries;
    private final Layout layout;

    EntriesOfPages(Kernel kernel, ProcDirectory process, Descriptor pagemap, long pageSize, Arena arena) {
        this.kernel = kernel;
        this.pagemap = pagemap;
        this.pageSize = pageSize;
        entries = arena.allocate(ValueLayout.JAVA_LONG, PageSurvey.ENTRIES_AT_ONCE);
        layout = Layout.read(process);
    }

    @Override
    public void read(long from, long to, PageStates states) {
        layout.forEachMapped(from, to, (mappedFrom, mappedTo) -> readMapped(mappedFrom, mappedTo, states));
    }

    private void readMapped(long from, long to, PageStates states) {
        long position = from;
        while (position < to) {
            long bytes = Math.min(PageSurvey.ENTRIES_AT_ONCE, (to - position) / pageSize) * Long.BYTES;
            long read = OpenFiles.readAt(kernel, pagemap, entries, bytes, position / pageSize * Long.BYTES);
            ErrnoException.check(read, "pread64", "pagemap at 0x" + Long.toHexString(position));
            if (read == 0) {
                return;
            }
            position = enter(position, read / Long.BYTES, states);
        }
    }

    private long enter(long begin, long count, PageStates states) {
        long address = begin;
        for (long i = 0; i < count; i++, address += pageSize) {
            int state = PageMapEntry.state(entries.getAtIndex(ValueLayout.JAVA_LONG, i));
            if (state != 0) {
                states.add(address, address + pageSize, state);
            }
        }
        return address;
    }

    /** Guards are shown since Linux 6.15, and there are some since 6.13. */
    @Override
    public int unknown() {
        return PageStates.HUGE | PageStates.ZERO_PAGE | PageStates.WRITTEN | PageStates.GUARD;
    }
}
