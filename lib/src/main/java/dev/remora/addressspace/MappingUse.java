package dev.remora.addressspace;

import java.util.Set;

/**
 * A mapping and the memory behind it, as an entry of {@code /proc/PID/smaps} describes it ({@code proc_pid_smaps(5)}).
 *
 * @param mapping the mapping, always a whole one
 * @param pageBytes the size of its pages ({@code KernelPageSize}): more than that of the host for memory from the pool of
 *     hugetlb
 * @param memory how much is where
 * @param flags the kernel's marks of two letters each ({@code VmFlags}), for example {@code lo} for locked, {@code ht} for
 *     hugetlb, {@code nh} for no huge pages
 */
public record MappingUse(Mapping mapping, long pageBytes, MemoryBreakdown memory, Set<String> flags) {

    /** Creates a description. */
    public MappingUse {
        flags = Set.copyOf(flags);
    }

    /** {@return the mapping and its memory, in one line} */
    @Override
    public String toString() {
        return mapping + ": " + memory;
    }
}
