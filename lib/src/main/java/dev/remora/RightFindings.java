package dev.remora;

import dev.remora.Finding.Area;
import dev.remora.Finding.Status;
import dev.remora.procfs.Capability;
import dev.remora.procfs.HostFiles;
import dev.remora.syscall.ErrnoException;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What this process may do, and what the lack of each right costs. */
final class RightFindings {

    private static final String PROCESSES_OF_OTHERS =
            "processes of other users, and those that are not dumpable, cannot be";

    private final Optional<Caller> caller;
    private final HostFiles files;

    RightFindings(Optional<Caller> caller, HostFiles files) {
        this.caller = caller;
        this.files = files;
    }

    Stream<Finding> all() {
        return Stream.of(
                capability(Capability.SYS_NICE, "no verb gives advice to others; shared pages do not move"),
                capability(
                        Capability.SYS_PTRACE,
                        PROCESSES_OF_OTHERS + " looked at, advised (CAP_PERFMON is enough for that since Linux 6.15) or"
                                + " placed"),
                capability(Capability.KILL, "kill(), terminate() and killAndRelease() end processes of this user only"),
                capability(
                        Capability.SYS_ADMIN,
                        "suspendingSeccomp() fails, and killAndRelease() does not name who shares the memory"),
                namespace(),
                yama(),
                seccomp());
    }

    private Finding capability(Capability capability, String cost) {
        String remedy = "Grant it: docker --cap-add " + capability + ", systemd AmbientCapabilities=CAP_" + capability;
        return of("CAP_" + capability, caller.map(known -> known.has(capability)), detail(capability), cost, remedy);
    }

    private String detail(Capability capability) {
        return caller.filter(known -> known.hasOnlyInItsNamespace(capability))
                .map(_ -> "in its own user namespace only, where it does not count")
                .orElse("");
    }

    private Finding namespace() {
        return of(
                "initial user namespace",
                caller.map(Caller::initialNamespace),
                "",
                "capabilities of this process do not count for advice, nor for processes outside",
                MissingRight.INITIAL_USER_NAMESPACE.remedy());
    }

    private Finding seccomp() {
        Predicate<Caller> filtered = known -> known.rights().filtered();
        return of(
                "unfiltered system calls",
                caller.map(known -> !filtered.test(known)),
                caller.filter(filtered).map(_ -> "a filter is in force").orElse(""),
                "calls may be refused or deadly; those that Remora makes were tried in another process",
                MissingRight.SECCOMP_FILTER.remedy());
    }

    private Finding yama() {
        String subject = "attaching under Yama";
        String cost = "place() with Mechanism.INJECTED fails but for descendants of this process, or for all";
        String remedy = MissingRight.YAMA_ATTACH.remedy();
        try {
            if (!files.exists("/proc/sys/kernel")) {
                return of(subject, Optional.empty(), "/proc/sys is not there", cost, remedy);
            }
            if (!files.exists("/proc/sys/kernel/yama")) {
                return of(subject, Optional.of(true), "no Yama here", cost, remedy);
            }
            String scope = files.text(RightsCheck.YAMA);
            return of(subject, Optional.of(open(scope)), "ptrace_scope is " + scope, cost, remedy);
        } catch (ErrnoException unreadable) {
            return of(subject, Optional.empty(), String.valueOf(unreadable.getMessage()), cost, remedy);
        }
    }

    private boolean open(String scope) {
        return RightsCheck.attachable(scope, caller.isPresent() && caller.get().has(Capability.SYS_PTRACE));
    }

    private static Finding of(String subject, Optional<Boolean> there, String detail, String cost, String remedy) {
        Status status =
                there.map(yes -> yes ? Status.AVAILABLE : Status.MISSING).orElse(Status.UNKNOWN);
        return Finding.of(Area.RIGHTS, subject, status, detail, cost, remedy);
    }
}
