package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The {@code pagemap} of a process: an entry of 64 bits for each of its pages. Failures are {@link ErrnoException}. */
public final class PageMap implements AutoCloseable {

    private final Kernel kernel;
    private final long pageSize;
    private final Descriptor file;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment entries;

    /** What was read last, from an address on. */
    private long firstRead;

    /** Opens it to look at so many pages at once. */
    public PageMap(Kernel kernel, ProcDirectory process, long pageSize, int pages) {
        this.kernel = kernel;
        this.pageSize = pageSize;
        entries = arena.allocate(ValueLayout.JAVA_LONG, pages);
        try {
            file = process.descriptor(Entry.PAGEMAP);
        } catch (RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    /** Looks at so many pages from an address on, at most as many as it was opened for. */
    public void read(long address, int pages) {
        long wanted = (long) Long.BYTES * pages;
        for (long done = 0; done < wanted; ) {
            long bytes = OpenFiles.readAt(
                    kernel, file, entries.asSlice(done), wanted - done, address / pageSize * Long.BYTES + done);
            if (bytes <= 0) {
                throw new ErrnoException(
                        "pread64",
                        "pagemap at 0x" + Long.toHexString(address),
                        bytes < 0 ? (int) -bytes : Linux.ESRCH());
            }
            done += bytes;
        }
        firstRead = address;
    }

    /**
     * Counts those of the pages from an address on that were in RAM and the process's own, or of a file, when they were read. The
     * page of zeros with which all reading begins is not, nor is what it shares with a child or parent until one of them writes.
     */
    public int present(long address, int pages) {
        long first = (address - firstRead) / pageSize;
        int present = 0;
        for (long i = first; i < first + pages; i++) {
            present += PageMapEntry.counts(entries.getAtIndex(ValueLayout.JAVA_LONG, i)) ? 1 : 0;
        }
        return present;
    }

    @Override
    public void close() {
        file.close();
        arena.close();
    }
}
