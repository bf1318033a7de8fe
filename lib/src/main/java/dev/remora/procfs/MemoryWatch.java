package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Watches the memory of a process from before its end until after it: how much of it is resident, and whether anybody
 * still uses it once the process does not.
 *
 * <p>An open {@code pagemap} belongs to the memory, not to the process: it can be read as long as somebody uses that
 * memory. Opening it takes the right to read the process; without it, the memory counts as used by nobody else.
 */
public final class MemoryWatch implements AutoCloseable {

    private static final int STATM_BYTES = 256;
    private static final long ENTRY_BYTES = Long.BYTES;
    private static final long PRESENT_HERE_ONLY = 1L << 63 | 1L << 56;
    private static final long PAGE_FRAME = (1L << 55) - 1;

    private final Kernel kernel;
    private final long pageSize;
    private final Descriptor statm;
    private final @Nullable Descriptor pagemap;
    private final long residentBytesAtFirst;

    private MemoryWatch(Kernel kernel, long pageSize, Descriptor statm, @Nullable Descriptor pagemap) {
        this.kernel = kernel;
        this.pageSize = pageSize;
        this.statm = statm;
        this.pagemap = pagemap;
        residentBytesAtFirst = residentBytes();
    }

    /**
     * Opens what the process shows of its memory, or throws {@link ErrnoException}. Where its main thread has ended, one
     * of the others shows it.
     */
    public static MemoryWatch open(Kernel kernel, ProcDirectory process, long pageSize) {
        MemoryWatch ofMain = ofThread(kernel, process, pageSize);
        if (ofMain.residentBytesAtFirst > 0) {
            return ofMain;
        }
        for (int number : threadsIfAny(process)) {
            MemoryWatch other = ofThreadIfAny(kernel, process, number, pageSize);
            if (other != null) {
                ofMain.close();
                return other;
            }
        }
        return ofMain;
    }

    private static List<Integer> threadsIfAny(ProcDirectory process) {
        try {
            return process.threads();
        } catch (ErrnoException ended) {
            return List.of();
        }
    }

    private static @Nullable MemoryWatch ofThreadIfAny(
            Kernel kernel, ProcDirectory process, int number, long pageSize) {
        try (ProcDirectory thread = process.thread(number)) {
            MemoryWatch watch = ofThread(kernel, thread, pageSize);
            if (watch.residentBytesAtFirst > 0) {
                return watch;
            }
            watch.close();
        } catch (ErrnoException ended) {
            return null;
        }
        return null;
    }

    private static MemoryWatch ofThread(Kernel kernel, ProcDirectory thread, long pageSize) {
        Descriptor statm = thread.descriptor(Entry.STATM);
        return new MemoryWatch(kernel, pageSize, statm, pagemapIfPermitted(thread));
    }

    private static @Nullable Descriptor pagemapIfPermitted(ProcDirectory thread) {
        try {
            return thread.descriptor(Entry.PAGEMAP);
        } catch (ErrnoException denied) {
            return null;
        }
    }

    /** Returns the bytes in RAM, private and shared: 0 once the process has given up its memory. */
    public long residentBytes() {
        return residentBytes(statm);
    }

    /** Returns the same of another process; 0 if it has ended. */
    public long residentBytesOf(int pid) {
        try (ProcDirectory other = ProcDirectory.open(kernel, pid);
                Descriptor file = other.descriptor(Entry.STATM)) {
            return residentBytes(file);
        } catch (ErrnoException ended) {
            return 0;
        }
    }

    private long residentBytes(Descriptor file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(STATM_BYTES);
            long length = OpenFiles.readAtStart(kernel, file, text, STATM_BYTES);
            if (length <= 0) {
                return 0;
            }
            return secondNumber(text) * pageSize;
        }
    }

    /** In {@code "size resident shared …"}. */
    private static long secondNumber(MemorySegment statm) {
        long at = 0;
        while (statm.get(ValueLayout.JAVA_BYTE, at) != ' ') {
            at++;
        }
        long number = 0;
        for (byte digit = statm.get(ValueLayout.JAVA_BYTE, ++at);
                digit != ' ';
                digit = statm.get(ValueLayout.JAVA_BYTE, ++at)) {
            number = 10 * number + digit - '0';
        }
        return number;
    }

    /** Returns what {@link #residentBytes()} was when this was opened. */
    public long residentBytesAtFirst() {
        return residentBytesAtFirst;
    }

    /** Says whether any process still uses the memory. */
    public boolean inUse() {
        return pagemap != null && entry(pagemap, 0) != null;
    }

    /**
     * Finds another process that uses the memory. It takes CAP_SYS_ADMIN to see which page frames two processes have;
     * without it, none is found.
     */
    public OptionalInt findSharer(int exceptPid) {
        for (int pid : processesIfAny(kernel)) {
            if (pid != exceptPid && usedBy(pid)) {
                return OptionalInt.of(pid);
            }
        }
        return OptionalInt.empty();
    }

    private static List<Integer> processesIfAny(Kernel kernel) {
        try {
            return ProcDirectory.processes(kernel);
        } catch (ErrnoException notShown) {
            return List.of();
        }
    }

    private boolean usedBy(int pid) {
        try (ProcDirectory other = ProcDirectory.open(kernel, pid);
                Descriptor otherPagemap = other.descriptor(Entry.PAGEMAP)) {
            long page = ProcessStatus.parse(other.text(Entry.STAT)).stackAddress() / pageSize;
            return pagemap != null && page != 0 && sameFrame(entry(pagemap, page), entry(otherPagemap, page));
        } catch (ErrnoException endedOrDenied) {
            return false;
        }
    }

    /**
     * A frame that is mapped once and appears in two views of an address: then both are views of the same memory. A copy
     * made by {@code fork(2)} has it as well before either writes to it, but then it is mapped twice.
     */
    private static boolean sameFrame(@Nullable Long one, @Nullable Long other) {
        return one != null
                && one.equals(other)
                && (one & PRESENT_HERE_ONLY) == PRESENT_HERE_ONLY
                && (one & PAGE_FRAME) != 0;
    }

    private @Nullable Long entry(Descriptor map, long page) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(ENTRY_BYTES, ENTRY_BYTES);
            long read = OpenFiles.readAt(kernel, map, entry, ENTRY_BYTES, page * ENTRY_BYTES);
            return read == ENTRY_BYTES ? entry.get(ValueLayout.JAVA_LONG, 0) : null;
        }
    }

    @Override
    public void close() {
        statm.close();
        if (pagemap != null) {
            pagemap.close();
        }
    }
}
