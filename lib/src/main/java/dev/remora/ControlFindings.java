package dev.remora;

import dev.remora.Finding.Area;
import dev.remora.Finding.Status;
import dev.remora.procfs.Capability;
import dev.remora.procfs.CgroupMounts;
import dev.remora.procfs.HostFiles;
import dev.remora.syscall.ErrnoException;
import java.util.Optional;
import java.util.stream.Stream;

/** Cgroups, and what BPF takes. */
final class ControlFindings {

    private static final String V2 =
            "Mount it, on Linux 5.14 or newer: mount -t cgroup2 none /sys/fs/cgroup; in a container that has it"
                    + " read-only, docker --privileged, or -v /sys/fs/cgroup:/sys/fs/cgroup:rw";

    private final Optional<Caller> caller;
    private final HostFiles files;
    private final KernelRelease release;

    ControlFindings(Optional<Caller> caller, HostFiles files, KernelRelease release) {
        this.caller = caller;
        this.files = files;
        this.release = release;
    }

    Stream<Finding> all() {
        return Stream.concat(cgroups(), Stream.of(bpf(), types()));
    }

    private Stream<Finding> cgroups() {
        Optional<CgroupMounts> mounts = files.textIfReadable(CgroupMounts.LIST).map(CgroupMounts::parse);
        Optional<CgroupMounts.Mount> second = mounts.flatMap(CgroupMounts::second);
        return Stream.of(
                cgroup(
                        "cgroup.kill",
                        "5.14",
                        mounts.map(_ -> writable(second) && release.isAtLeast("5.14")),
                        second,
                        "Cgroup.killAndRelease() ends the processes one by one, and may come too late for new ones",
                        V2),
                cgroup(
                        "freezer of cgroup v2",
                        "5.2",
                        mounts.map(_ -> writable(second) && release.isAtLeast("5.2")),
                        second,
                        "whileFrozen() with FreezeMethod.CGROUP_V2 fails",
                        V2),
                cgroup(
                        "freezer of cgroup v1",
                        "2.6.28",
                        mounts.map(known -> writable(known.freezer())),
                        mounts.flatMap(CgroupMounts::freezer),
                        "whileFrozen() with FreezeMethod.CGROUP_V1 fails",
                        "Nothing to do where version 2 is mounted"));
    }

    private Finding cgroup(
            String subject,
            String firstKernel,
            Optional<Boolean> there,
            Optional<CgroupMounts.Mount> mount,
            String cost,
            String remedy) {
        return new Finding(
                Area.CONTROL,
                subject,
                status(there),
                Optional.of(firstKernel),
                mount.map(known -> "at " + known.place() + (known.writable() ? "" : ", read-only"))
                        .orElse(""),
                cost,
                remedy);
    }

    private static boolean writable(Optional<CgroupMounts.Mount> mount) {
        return mount.isPresent() && mount.get().writable();
    }

    private static Status status(Optional<Boolean> there) {
        return there.map(yes -> yes ? Status.AVAILABLE : Status.MISSING).orElse(Status.UNKNOWN);
    }

    private Finding bpf() {
        return new Finding(
                Area.CONTROL,
                "CAP_BPF",
                status(caller.map(known -> known.has(Capability.BPF) || known.has(Capability.SYS_ADMIN))),
                Optional.of("5.8"),
                "",
                "nothing yet: no verb uses BPF",
                "Grant it: docker --cap-add BPF, systemd AmbientCapabilities=CAP_BPF");
    }

    private Finding types() {
        String cost = "nothing yet: no verb uses BPF";
        String remedy = "Use a kernel with CONFIG_DEBUG_INFO_BTF";
        try {
            Status status = files.exists("/sys/kernel")
                    ? status(Optional.of(files.exists("/sys/kernel/btf/vmlinux")))
                    : Status.UNKNOWN;
            return new Finding(Area.CONTROL, "BTF of the kernel", status, Optional.of("5.4"), "", cost, remedy);
        } catch (ErrnoException unreadable) {
            String detail = String.valueOf(unreadable.getMessage());
            return new Finding(
                    Area.CONTROL, "BTF of the kernel", Status.UNKNOWN, Optional.of("5.4"), detail, cost, remedy);
        }
    }
}
