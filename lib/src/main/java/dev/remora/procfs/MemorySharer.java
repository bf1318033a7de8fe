package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import java.util.OptionalLong;

/** A process that was seen to use watched memory, held by its directory: what is asked later is not told of a stranger. */
public final class MemorySharer implements AutoCloseable {

    private final int pid;
    private final ProcDirectory directory;
    private final MemoryWatch memory;

    /** Closes the directory when it is closed. */
    MemorySharer(int pid, ProcDirectory directory, MemoryWatch memory) {
        this.pid = pid;
        this.directory = directory;
        this.memory = memory;
    }

    public int pid() {
        return pid;
    }

    /** What it has in RAM of the memory; empty if it does not use that any more, or has ended. */
    public OptionalLong residentBytes() {
        try (Descriptor statm = directory.descriptor(Entry.STATM)) {
            long bytes = memory.residentBytes(statm);
            return bytes > 0 && memory.usedBy(directory) ? OptionalLong.of(bytes) : OptionalLong.empty();
        } catch (ErrnoException ended) {
            return OptionalLong.empty();
        }
    }

    @Override
    public void close() {
        directory.close();
    }
}
