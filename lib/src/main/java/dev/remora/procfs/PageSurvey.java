package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import dev.remora.syscall.PageScan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** In which state pages of a process are. */
public final class PageSurvey {

    /** How it is found out. */
    public enum Method {
        /** By {@code PAGEMAP_SCAN} where the kernel has it. */
        BEST,
        /** By reading entries, as on kernels before Linux 6.7. */
        ENTRIES
    }

    /** For how many pages of a range one call reads the entries, if it cannot scan. */
    public static final int ENTRIES_AT_ONCE = 1 << 13;

    private static final int REGIONS = 1 << 12;

    private final PageStates states;
    private final int unknown;

    private PageSurvey(PageStates states, int unknown) {
        this.states = states;
        this.unknown = unknown;
    }

    /** Looks at whole pages, or throws {@link ErrnoException}: ESRCH if the memory was given up before the end. */
    public static PageSurvey of(Kernel kernel, ProcDirectory process, RangeList ranges, long pageSize, Method method) {
        boolean softDirty = SoftDirty.supported(kernel, pageSize);
        try (Arena arena = Arena.ofConfined();
                Descriptor pagemap = process.descriptor(Entry.PAGEMAP)) {
            PageReader reader = reader(kernel, process, pagemap, pageSize, method, arena);
            var states = new PageStates();
            for (int i = 0; i < ranges.size(); i++) {
                if (!ranges.leftOut(i)) {
                    states.beginRange();
                    reader.read(ranges.address(i), ranges.address(i) + ranges.byteSize(i), states);
                }
            }
            requireInUse(kernel, pagemap, arena);
            return new PageSurvey(states, reader.unknown() | (softDirty ? 0 : PageStates.SOFT_DIRTY));
        }
    }

    private static PageReader reader(
            Kernel kernel, ProcDirectory process, Descriptor pagemap, long pageSize, Method method, Arena arena) {
        PageReader scanned = method == Method.BEST
                ? ScannedPages.ifPossible(process, new PageScan(kernel, pagemap, REGIONS, arena))
                : null;
        return scanned == null ? new EntriesOfPages(kernel, process, pagemap, pageSize, arena) : scanned;
    }

    /** Memory that was given up has no pages to tell of, and no entries: it must not pass for empty. */
    static void requireInUse(Kernel kernel, Descriptor pagemap, Arena arena) {
        MemorySegment entry = arena.allocate(ValueLayout.JAVA_LONG);
        long read = OpenFiles.readAtStart(kernel, pagemap, entry, Long.BYTES);
        if (ErrnoException.check(read, "pread64", "pagemap") == 0) {
            throw new ErrnoException("pread64", "pagemap of memory that was given up", Linux.ESRCH());
        }
    }

    public PageStates states() {
        return states;
    }

    /** The bits of {@link PageStates} that it does not tell. */
    public int unknown() {
        return unknown;
    }
}
