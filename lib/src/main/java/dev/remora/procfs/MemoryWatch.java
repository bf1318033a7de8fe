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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Watches the memory of a process from before its end until after it: how much of it is resident, and whether anybody
 * still uses it once the process does not.
 *
 * <p>An open {@code pagemap} belongs to the memory, not to the process: it can be read as long as somebody uses that
 * memory. Opening it takes the right that {@code ptrace(2)} has to read the process. What cannot be opened, for whatever
 * reason, is not shown, and keeps nobody from ending a process.
 */
public final class MemoryWatch implements AutoCloseable {

    private static final int STATM_BYTES = 256;
    private static final long ENTRY_BYTES = Long.BYTES;

    /** A file of a process, if it could be opened; else whether that says nothing about the process. */
    private record Opened(@Nullable Descriptor file, boolean hidden) {

        static Opened of(ProcDirectory process, Entry entry) {
            try {
                return new Opened(process.descriptor(entry), false);
            } catch (ErrnoException failure) {
                return new Opened(null, !ProcDirectory.meansGone(failure));
            }
        }
    }

    private final Kernel kernel;
    private final long pageSize;
    private final @Nullable Descriptor statm;
    private final @Nullable Descriptor pagemap;
    private final boolean hidden;
    private final long residentBytesAtFirst;

    private MemoryWatch(
            Kernel kernel, long pageSize, @Nullable Descriptor statm, @Nullable Descriptor pagemap, boolean hidden) {
        this.kernel = kernel;
        this.pageSize = pageSize;
        this.statm = statm;
        this.pagemap = pagemap;
        this.hidden = hidden;
        residentBytesAtFirst = residentBytes();
    }

    /** Opens what the process shows of its memory. Where its main thread has ended, one of the others shows it. */
    public static MemoryWatch open(Kernel kernel, ProcDirectory process, long pageSize) {
        MemoryWatch ofMain = ofThread(kernel, process, pageSize);
        if (ofMain.hasMemory()) {
            return ofMain;
        }
        try {
            for (int number : process.threads()) {
                MemoryWatch other = ofThreadIfAny(kernel, process, number, pageSize);
                if (other != null) {
                    ofMain.close();
                    return other;
                }
            }
            return ofMain;
        } catch (ErrnoException failure) {
            boolean hides = !ProcDirectory.meansGone(failure);
            return new MemoryWatch(kernel, pageSize, ofMain.statm, ofMain.pagemap, ofMain.hidden || hides);
        }
    }

    private static @Nullable MemoryWatch ofThreadIfAny(
            Kernel kernel, ProcDirectory process, int number, long pageSize) {
        try (ProcDirectory thread = process.thread(number)) {
            MemoryWatch watch = ofThread(kernel, thread, pageSize);
            if (watch.hasMemory()) {
                return watch;
            }
            watch.close();
        } catch (ErrnoException failure) {
            if (!ProcDirectory.meansGone(failure)) {
                throw failure;
            }
        }
        return null;
    }

    private static MemoryWatch ofThread(Kernel kernel, ProcDirectory thread, long pageSize) {
        Opened statm = Opened.of(thread, Entry.STATM);
        Opened pagemap = Opened.of(thread, Entry.PAGEMAP);
        return new MemoryWatch(kernel, pageSize, statm.file(), pagemap.file(), pagemap.hidden());
    }

    /** Says whether there is any memory to be watched, as far as can be seen. */
    public boolean hasMemory() {
        return residentBytesAtFirst > 0 || inUse();
    }

    /**
     * Returns the bytes in RAM, private and shared: 0 once the process has given up its memory, and where it could not be
     * opened.
     */
    public long residentBytes() {
        return statm == null ? 0 : residentBytes(statm);
    }

    long residentBytes(Descriptor file) {
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

    /** Says whether any process still uses the memory; false where that is {@link #hidden}. */
    public boolean inUse() {
        return pagemap != null && entry(pagemap, 0) != null;
    }

    /** Says whether it cannot be seen if another process uses the memory: the caller may not, or has too many files open. */
    public boolean hidden() {
        return hidden;
    }

    /**
     * Finds another process that uses the memory. It takes CAP_SYS_ADMIN to see which page frames two processes have;
     * without it, none is found.
     */
    public Optional<MemorySharer> findSharer(int exceptPid) {
        for (int pid : pagemap == null ? List.<Integer>of() : processesIfAny(kernel)) {
            Optional<MemorySharer> sharer = pid == exceptPid ? Optional.empty() : sharerIfAny(pid);
            if (sharer.isPresent()) {
                return sharer;
            }
        }
        return Optional.empty();
    }

    private Optional<MemorySharer> sharerIfAny(int pid) {
        ProcDirectory other;
        try {
            other = ProcDirectory.open(kernel, pid);
        } catch (ErrnoException ended) {
            return Optional.empty();
        }
        if (usedBy(other)) {
            return Optional.of(new MemorySharer(pid, other, this));
        }
        other.close();
        return Optional.empty();
    }

    private static List<Integer> processesIfAny(Kernel kernel) {
        try {
            return ProcDirectory.processes(kernel);
        } catch (ErrnoException notShown) {
            return List.of();
        }
    }

    /** Says whether a process uses the memory; false where the caller may not see that, or it has ended. */
    boolean usedBy(ProcDirectory other) {
        try (Descriptor otherPagemap = other.descriptor(Entry.PAGEMAP)) {
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
        return one != null && one.equals(other) && PageMapEntry.presentHereOnly(one) && PageMapEntry.showsFrame(one);
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
        if (statm != null) {
            statm.close();
        }
        if (pagemap != null) {
            pagemap.close();
        }
    }
}
