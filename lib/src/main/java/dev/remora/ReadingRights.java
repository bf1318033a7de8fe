package dev.remora;

import dev.remora.procfs.Capability;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.procfs.ProcessRights;
import dev.remora.syscall.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out what is missing of the right to read a process, in the order in which the kernel asks ({@code
 * __ptrace_may_access} of {@code kernel/ptrace.c}). Failures to look are {@link ErrnoException}.
 */
final class ReadingRights {

    private static final long ROOT = 0;

    private final Caller caller;
    private final ProcDirectory directory;
    private final String process;

    ReadingRights(Caller caller, ProcDirectory directory, long pid) {
        this.caller = caller;
        this.directory = directory;
        process = "Process " + pid;
    }

    /** What is missing for the caller, who was refused; empty if all that can be seen is there. */
    List<Lack> missing() {
        if (caller.has(Capability.SYS_PTRACE)) {
            return List.of();
        }
        List<Lack> lacks = new ArrayList<>();
        ProcessRights.of(directory).ifPresent(target -> compare(target, lacks));
        if (!caller.initialNamespace() && (lacks.isEmpty() || caller.rights().has(Capability.SYS_PTRACE))) {
            return List.of(outside());
        }
        return lacks;
    }

    private void compare(ProcessRights target, List<Lack> lacks) {
        ProcessRights own = caller.rights();
        if (!own.sameUserAs(target)) {
            lacks.add(new Lack(MissingRight.SAME_USER, differentUsers(process, target, own) + withoutCapability()));
            return;
        }
        if (directory.owner(Entry.MAPS) != target.effectiveUser()) {
            lacks.add(new Lack(MissingRight.DUMPABLE_PROCESS, process + " is not dumpable" + withoutCapability()));
        }
        long lacking = own.lackingOf(target);
        if (lacking != 0) {
            lacks.add(new Lack(
                    MissingRight.ITS_CAPABILITIES,
                    process + " has capabilities that this one does not have (0x" + Long.toHexString(lacking)
                            + "; capsh --decode names them)" + withoutCapability()));
        }
        if (lacks.isEmpty() && target.effectiveUser() == ROOT && caller.initialNamespace()) {
            lacks.add(new Lack(
                    MissingRight.DUMPABLE_PROCESS,
                    process + " seems not to be dumpable, which does not show for root's processes"
                            + withoutCapability()));
        }
    }

    /** What differs: the kernel compares groups as well as users. */
    static String differentUsers(String process, ProcessRights target, ProcessRights own) {
        return process + " runs as " + ids(target) + ", and this one as " + ids(own);
    }

    private static String ids(ProcessRights rights) {
        return "user " + number(rights.users()) + " and group " + number(rights.groups());
    }

    private static String number(List<Long> ids) {
        return ids.stream().distinct().count() == 1
                ? ids.getFirst().toString()
                : ids + " (real, effective, saved, for files)";
    }

    private static String withoutCapability() {
        return ", and CAP_SYS_PTRACE is missing";
    }

    private Lack outside() {
        return new Lack(
                MissingRight.INITIAL_USER_NAMESPACE,
                "This process is in a user namespace of its own, and " + process
                        + " in another one, where its capabilities do not count");
    }
}
