package dev.remora;

import dev.remora.procfs.Capability;
import dev.remora.procfs.HostFiles;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.procfs.ProcessRights;
import dev.remora.procfs.ProcessStatus;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OwnProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Finds out, after the kernel has refused to do something to a process, which rights the caller lacks. It looks only when
 * it is asked, and finds nothing where it cannot look.
 */
final class RightsCheck {

    static final String YAMA = "/proc/sys/kernel/yama/ptrace_scope";

    private static final String DESCENDANTS_ONLY = "1";
    private static final Set<Capability> WRITERS = Set.of(Capability.DAC_OVERRIDE);
    private static final Set<Capability> READERS = Set.of(Capability.DAC_OVERRIDE, Capability.DAC_READ_SEARCH);

    private final Kernel kernel;
    private final ProcDirectory directory;
    private final long pid;

    RightsCheck(Kernel kernel, ProcDirectory directory, long pid) {
        this.kernel = kernel;
        this.directory = directory;
        this.pid = pid;
    }

    Kernel kernel() {
        return kernel;
    }

    long pid() {
        return pid;
    }

    /**
     * For {@code mbind} of own memory.
     *
     * @param sharedToo whether it is to move pages that other processes map, which takes CAP_SYS_NICE
     */
    static List<Lack> toPlaceOwn(Kernel kernel, boolean sharedToo) {
        return lacks(kernel, Optional.of(HarmlessCall.MBIND), (caller, found) -> {
            if (sharedToo) {
                missing(Capability.SYS_NICE, MissingRight.CAP_SYS_NICE, caller).ifPresent(found::add);
            }
        });
    }

    /** For {@code process_madvise} and {@code process_mbind}: CAP_SYS_NICE, and the right to read. */
    List<Lack> toAdvise(Optional<HarmlessCall> call) {
        return lacks(call, (caller, found) -> {
            missing(Capability.SYS_NICE, MissingRight.CAP_SYS_NICE, caller).ifPresent(found::add);
            if (!directory.permits(Entry.MAPS)) {
                addNew(reading(caller), found);
            }
        });
    }

    /** For {@code move_pages} and {@code migrate_pages}, which take CAP_SYS_NICE for some pages and nodes only. */
    List<Lack> toMove(HarmlessCall call) {
        return lacks(Optional.of(call), (caller, found) -> {
            if (directory.showsNamespaces()) {
                missing(Capability.SYS_NICE, MissingRight.CAP_SYS_NICE, caller).ifPresent(found::add);
            } else {
                addNew(reading(caller), found);
            }
        });
    }

    /** For files of the process that not everybody may read. */
    List<Lack> toRead() {
        return lacks(Optional.empty(), (caller, found) -> {
            if (directory.permits(Entry.MAPS)) {
                opening(caller, Entry.PAGEMAP, MissingRight.CAP_DAC_READ_SEARCH, READERS)
                        .ifPresent(found::add);
            } else {
                addNew(reading(caller), found);
            }
        });
    }

    /** For {@code clear_refs}, which may be written whoever may open it. */
    List<Lack> toMark() {
        return lacks(
                Optional.empty(),
                (caller, found) -> opening(caller, Entry.CLEAR_REFS, MissingRight.CAP_DAC_OVERRIDE, WRITERS)
                        .ifPresent(found::add));
    }

    /** Who may read the process may still be kept from opening a file that is its user's alone. */
    private Optional<Lack> opening(Caller caller, Entry file, MissingRight right, Set<Capability> openers) {
        long owner = directory.owner(file);
        if (owner == caller.rights().fileUser() || openers.stream().anyMatch(caller::has)) {
            return Optional.empty();
        }
        return Optional.of(new Lack(
                right,
                "The file may be opened by user " + owner + " only, this process runs as user "
                        + caller.rights().fileUser() + ", and " + right + " is missing"));
    }

    /** For {@code ptrace}: the right to read, what Yama asks for, and CAP_SYS_ADMIN to suspend seccomp. */
    List<Lack> toAttach(boolean suspendingSeccomp) {
        return toAttach(HarmlessCall.PTRACE, suspendingSeccomp);
    }

    /** For {@code process_vm_readv}, {@code process_vm_writev} and the {@code mem} file: the same as for {@code ptrace}. */
    List<Lack> toCopy(HarmlessCall call) {
        return toAttach(call, false);
    }

    private List<Lack> toAttach(HarmlessCall call, boolean suspendingSeccomp) {
        return lacks(Optional.of(call), (caller, found) -> {
            if (!directory.showsNamespaces()) {
                addNew(reading(caller), found);
            }
            if (suspendingSeccomp) {
                suspending(caller, found);
            }
            yama(caller).ifPresent(found::add);
        });
    }

    private static void suspending(Caller caller, List<Lack> found) {
        missing(Capability.SYS_ADMIN, MissingRight.CAP_SYS_ADMIN, caller).ifPresent(found::add);
        if (caller.rights().filtered()) {
            found.add(new Lack(
                    MissingRight.SECCOMP_FILTER,
                    "This process has a seccomp filter itself, and who has one suspends none of others",
                    "Run without any filter: docker --security-opt seccomp=unconfined, systemd without"
                            + " SystemCallFilter= and the settings that imply one; or place without"
                            + " suspendingSeccomp()"));
        }
    }

    /** For {@code pidfd_send_signal}. */
    List<Lack> toSignal() {
        return lacks(
                Optional.of(HarmlessCall.PIDFD_SEND_SIGNAL),
                (caller, found) -> ProcessRights.of(directory)
                        .filter(target -> !caller.rights().maySignal(target))
                        .flatMap(target -> missingToKill(caller, target))
                        .ifPresent(found::add));
    }

    private List<Lack> lacks(Optional<HarmlessCall> call, BiConsumer<Caller, List<Lack>> check) {
        return lacks(kernel, call, check);
    }

    private static List<Lack> lacks(Kernel kernel, Optional<HarmlessCall> call, BiConsumer<Caller, List<Lack>> check) {
        List<Lack> found = new ArrayList<>();
        Optional<Caller> caller = Caller.current(kernel);
        if (caller.isEmpty()) {
            return found;
        }
        call.filter(each -> caller.get().rights().filtered() && each.refused(kernel))
                .ifPresent(_ -> found.add(new Lack(
                        MissingRight.SECCOMP_FILTER,
                        "A seccomp filter of this process refuses the call to everybody")));
        try {
            check.accept(caller.get(), found);
        } catch (ErrnoException unreadable) {
            return found;
        }
        if (found.isEmpty()) {
            found.add(new Lack(
                    MissingRight.SECURITY_MODULE,
                    "This process has all rights that this takes as far as can be seen, so a security module may"
                            + " forbid it"));
        }
        return found;
    }

    private List<Lack> reading(Caller caller) {
        return new ReadingRights(caller, directory, pid).missing();
    }

    private static void addNew(List<Lack> more, List<Lack> found) {
        more.stream()
                .filter(lack -> found.stream().noneMatch(known -> known.right() == lack.right()))
                .forEach(found::add);
    }

    private static Optional<Lack> missing(Capability capability, MissingRight right, Caller caller) {
        if (caller.has(capability)) {
            return Optional.empty();
        }
        return Optional.of(
                caller.initialNamespace()
                        ? new Lack(right, "This process does not have CAP_" + capability)
                        : new Lack(
                                MissingRight.INITIAL_USER_NAMESPACE,
                                "This process is in a user namespace of its own, and CAP_" + capability
                                        + " counts in the initial one only"));
    }

    private Optional<Lack> yama(Caller caller) {
        String scope = new HostFiles(kernel).textIfReadable(YAMA).orElse("0");
        boolean family = scope.equals(DESCENDANTS_ONLY) && descendsFromCaller();
        return family || attachable(scope, caller.has(Capability.SYS_PTRACE))
                ? Optional.empty()
                : Optional.of(
                        new Lack(MissingRight.YAMA_ATTACH, "kernel.yama.ptrace_scope is " + scope + meaning(scope)));
    }

    /** Not as far as can be seen, if one of those between is hidden. */
    private boolean descendsFromCaller() {
        try {
            int self = new OwnProcess(kernel).pid();
            int ancestor = parent(directory);
            while (ancestor > 1 && ancestor != self) {
                try (ProcDirectory process = ProcDirectory.open(kernel, ancestor)) {
                    ancestor = parent(process);
                }
            }
            return ancestor == self;
        } catch (ErrnoException hidden) {
            return false;
        }
    }

    private static int parent(ProcDirectory process) {
        return ProcessStatus.parse(process.text(Entry.STAT)).parentPid();
    }

    /** Says whether Yama lets a process attach to whoever it may read. */
    static boolean attachable(String scope, boolean capable) {
        return scope.equals("0") || (capable && !scope.equals("3"));
    }

    private static String meaning(String scope) {
        return switch (scope) {
            case DESCENDANTS_ONLY ->
                ", which lets a process attach to its descendants only, and CAP_SYS_PTRACE is missing";
            case "2" -> ", which asks for CAP_SYS_PTRACE, and that is missing";
            default -> ", which lets nobody attach";
        };
    }

    private Optional<Lack> missingToKill(Caller caller, ProcessRights target) {
        if (caller.has(Capability.KILL)) {
            return Optional.empty();
        }
        String users = ReadingRights.differentUsers("Process " + pid, target, caller.rights());
        return Optional.of(
                caller.hasOnlyInItsNamespace(Capability.KILL)
                        ? new Lack(
                                MissingRight.INITIAL_USER_NAMESPACE,
                                users + ", and CAP_KILL of this process counts in its own user namespace only")
                        : new Lack(MissingRight.CAP_KILL, users + ", and CAP_KILL is missing"));
    }
}
