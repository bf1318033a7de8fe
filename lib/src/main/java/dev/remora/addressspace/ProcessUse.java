package dev.remora.addressspace;

import dev.remora.text.TextTable;
import java.util.Optional;

/**
 * How a process uses memory in all, as {@code /proc/PID/smaps_rollup} has it ({@code proc_pid_smaps(5)}).
 *
 * @param memory the sums over all mappings
 * @param kinds how its share of RAM, in proportion, is made up; empty if the kernel does not tell
 */
public record ProcessUse(MemoryBreakdown memory, Optional<Kinds> kinds) {

    /**
     * How {@link MemoryBreakdown#proportionalBytes()} is made up.
     *
     * @param anonymousBytes anonymous memory ({@code Pss_Anon})
     * @param fileBytes pages of files ({@code Pss_File})
     * @param sharedMemoryBytes shared memory ({@code Pss_Shmem}): memfds, System V, {@code /dev/shm}; the heap of ZGC is such
     */
    public record Kinds(long anonymousBytes, long fileBytes, long sharedMemoryBytes) {}

    /** {@return a table of the figures} */
    @Override
    public String toString() {
        var table = new TextTable(memory.toString(), "<>");
        kinds.ifPresent(parts -> {
            table.row("anonymous", ByteSize.format(parts.anonymousBytes));
            table.row("of files", ByteSize.format(parts.fileBytes));
            table.row("shared memory", ByteSize.format(parts.sharedMemoryBytes));
        });
        return table.toString();
    }
}
