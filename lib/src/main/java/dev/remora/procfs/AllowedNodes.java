package dev.remora.procfs;

import java.util.Optional;

/** On which NUMA nodes a process may have memory: what its cpuset says, as its {@code status} shows it. */
public final class AllowedNodes {

    private static final String FIELD = "Mems_allowed_list:";

    private AllowedNodes() {}

    /**
     * Reads the list, such as {@code 0-3,8}, or throws {@link dev.remora.syscall.ErrnoException}. It is missing on a kernel
     * without cpusets, where every node is allowed.
     */
    public static Optional<String> read(ProcDirectory process) {
        return parse(process.text(ProcDirectory.Entry.STATUS));
    }

    static Optional<String> parse(String status) {
        return status.lines()
                .filter(line -> line.startsWith(FIELD))
                .map(line -> line.substring(FIELD.length()).strip())
                .findFirst();
    }
}
