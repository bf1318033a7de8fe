package dev.remora.procfs;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@code /proc/PID/status}, of a process or of a thread, says of its rights.
 *
 * @param users the users it acts as: real, effective, saved, and for files
 * @param groups the groups, in the same order
 * @param permitted the capabilities it may make use of, one bit each
 * @param effective those it makes use of
 * @param seccomp 0 without, 1 in strict mode, 2 with filters
 */
public record ProcessRights(List<Long> users, List<Long> groups, long permitted, long effective, int seccomp) {

    private static final int REAL = 0;
    private static final int EFFECTIVE = 1;
    private static final int SAVED = 2;
    private static final int FILES = 3;
    private static final int HEXADECIMAL = 16;

    /** Reads them, or throws {@link dev.remora.syscall.ErrnoException}; empty if the file does not have them. */
    public static Optional<ProcessRights> of(ProcDirectory process) {
        return parse(process.text(ProcDirectory.Entry.STATUS));
    }

    static Optional<ProcessRights> parse(String status) {
        List<Long> users = numbers(status, "Uid:", 10);
        List<Long> groups = numbers(status, "Gid:", 10);
        List<Long> permitted = numbers(status, "CapPrm:", HEXADECIMAL);
        List<Long> effective = numbers(status, "CapEff:", HEXADECIMAL);
        if (users.size() <= FILES || groups.size() <= FILES || permitted.isEmpty() || effective.isEmpty()) {
            return Optional.empty();
        }
        int seccomp =
                numbers(status, "Seccomp:", 10).stream().findFirst().orElse(0L).intValue();
        return Optional.of(new ProcessRights(users, groups, permitted.getFirst(), effective.getFirst(), seccomp));
    }

    private static List<Long> numbers(String status, String field, int radix) {
        return status.lines()
                .filter(line -> line.startsWith(field))
                .flatMap(
                        line -> Stream.of(line.substring(field.length()).strip().split("\\s+", -1)))
                .map(number -> Long.parseUnsignedLong(number, radix))
                .toList();
    }

    public long effectiveUser() {
        return users.get(EFFECTIVE);
    }

    /** The user as whom it opens files. */
    public long fileUser() {
        return users.get(FILES);
    }

    public boolean has(Capability capability) {
        return capability.in(effective);
    }

    public boolean filtered() {
        return seccomp != 0;
    }

    /** Says whether {@code ptrace(2)} takes another for one of the same user: all its users and groups are those of this. */
    public boolean sameUserAs(ProcessRights other) {
        return all(other.users, users.get(FILES)) && all(other.groups, groups.get(FILES));
    }

    private static boolean all(List<Long> numbers, long number) {
        return Stream.of(REAL, EFFECTIVE, SAVED).allMatch(index -> numbers.get(index) == number);
    }

    /** Says whether {@code kill(2)} lets this signal another without a capability. */
    public boolean maySignal(ProcessRights other) {
        return Stream.of(REAL, EFFECTIVE)
                .map(users::get)
                .anyMatch(user -> user.equals(other.users.get(REAL)) || user.equals(other.users.get(SAVED)));
    }

    /** The capabilities of another that this does not have. */
    public long lackingOf(ProcessRights other) {
        return other.permitted & ~effective;
    }
}
