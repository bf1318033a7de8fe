package dev.remora;

import java.util.Optional;

/**
 * One thing that {@link Doctor} looked at.
 *
 * @param area what kind of thing it is
 * @param subject what was looked at, such as {@code process_madvise}
 * @param status whether this process has it here
 * @param firstKernel the Linux version that brought it; empty for what has no such version
 * @param detail what was seen, in a few words
 * @param cost what this costs or would cost: which verbs suffer without it
 * @param remedy how to get it
 */
public record Finding(
        Area area,
        String subject,
        Status status,
        Optional<String> firstKernel,
        String detail,
        String cost,
        String remedy) {

    /** What kinds of things there are. */
    public enum Area {
        /** Features of the kernel. */
        KERNEL,
        /** What this process may do. */
        RIGHTS,
        /** Swap, huge pages and NUMA nodes. */
        MEMORY,
        /** Cgroups and BPF. */
        CONTROL
    }

    /** Whether there is something. */
    public enum Status {
        /** It is there, and this process may use it. */
        AVAILABLE,
        /** It is not there, or is refused to this process. */
        MISSING,
        /** It could not be seen: the file that tells is missing or may not be read. */
        UNKNOWN
    }

    static Finding of(Area area, String subject, Status status, String detail, String cost, String remedy) {
        return new Finding(area, subject, status, Optional.empty(), detail, cost, remedy);
    }
}
