package dev.remora.process;

import dev.remora.procfs.CgroupMounts;
import dev.remora.procfs.HostFiles;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.List;
import java.util.Optional;

/** The freezer of cgroups, which each version has in its own way. */
enum CgroupFreezer {
    /** {@code Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst} of the kernel. */
    FIRST("freezer.state", "FROZEN", "THAWED") {
        @Override
        Optional<CgroupMounts.Mount> mount(CgroupMounts mounts) {
            return mounts.freezer();
        }

        @Override
        boolean names(String controllers) {
            return List.of(controllers.split(",", -1)).contains("freezer");
        }

        @Override
        boolean frozen(CgroupDirectory group) {
            return group.text("freezer.state").strip().equals("FROZEN");
        }
    },

    /** {@code Documentation/admin-guide/cgroup-v2.rst}. */
    SECOND("cgroup.freeze", "1", "0") {
        @Override
        Optional<CgroupMounts.Mount> mount(CgroupMounts mounts) {
            return mounts.second();
        }

        @Override
        boolean names(String controllers) {
            return controllers.isEmpty();
        }

        @Override
        boolean frozen(CgroupDirectory group) {
            return group.text("cgroup.events").lines().anyMatch("frozen 1"::equals);
        }
    };

    private static final int FIELDS = 3;

    private final String file;
    private final String freeze;
    private final String thaw;

    CgroupFreezer(String file, String freeze, String thaw) {
        this.file = file;
        this.freeze = freeze;
        this.thaw = thaw;
    }

    abstract Optional<CgroupMounts.Mount> mount(CgroupMounts mounts);

    /** Says whether threads of one process can be in groups that have nothing to do with each other. */
    boolean takesThreadsApart() {
        return this == FIRST;
    }

    /** Says whether a line of {@code /proc/PID/cgroup} with these controllers is about this one. */
    abstract boolean names(String controllers);

    /** Says whether all tasks of the group stand still. */
    abstract boolean frozen(CgroupDirectory group);

    String file() {
        return file;
    }

    /** What is written to the file to freeze the group. */
    String freeze() {
        return freeze;
    }

    /** What is written to the file to let the group run. */
    String thaw() {
        return thaw;
    }

    /** Says whether somebody has asked for the group to be frozen already. */
    boolean askedFor(CgroupDirectory group) {
        return !group.text(file).strip().equals(thaw);
    }

    /** Where the group of a process is in its hierarchy; empty if there is no such hierarchy. */
    Optional<String> place(ProcDirectory process) {
        return process.text(Entry.CGROUP)
                .lines()
                .map(line -> line.split(":", FIELDS))
                .filter(fields -> fields.length == FIELDS && names(fields[1]))
                .map(fields -> fields[2])
                .findFirst();
    }

    /** The directory of a place; empty where the hierarchy is not mounted. */
    Optional<String> path(Kernel kernel, String place) {
        try {
            CgroupMounts mounts = CgroupMounts.parse(new HostFiles(kernel).text(CgroupMounts.LIST));
            return mount(mounts).flatMap(mount -> mount.directoryOf(place));
        } catch (ErrnoException unreadable) {
            return Optional.empty();
        }
    }
}
