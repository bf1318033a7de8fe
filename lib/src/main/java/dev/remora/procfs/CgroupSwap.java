package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.Optional;

/**
 * What cgroups of version 2 let a process have in swap. Those of version 1 limit RAM and swap together, so that what goes from
 * one to the other does not count.
 */
public final class CgroupSwap {

    private static final String SECOND_VERSION = "0::";

    private final HostFiles files;

    private CgroupSwap(HostFiles files) {
        this.files = files;
    }

    /** Returns how much more the group of a process, and those above it, let it have; {@link Long#MAX_VALUE} without a limit. */
    public static long roomBytes(Kernel kernel, ProcDirectory process) {
        var files = new HostFiles(kernel);
        Optional<String> group = group(process);
        return group.isEmpty()
                ? Long.MAX_VALUE
                : files.textIfReadable("/proc/self/mounts")
                        .map(CgroupMounts::parse)
                        .flatMap(CgroupMounts::second)
                        .map(mount -> new CgroupSwap(files).room(mount.place(), group.get()))
                        .orElse(Long.MAX_VALUE);
    }

    /** Empty where it is the root, which has no limits, or out of sight. */
    private static Optional<String> group(ProcDirectory process) {
        try {
            return process.text(Entry.CGROUP)
                    .lines()
                    .filter(line -> line.startsWith(SECOND_VERSION))
                    .map(line -> line.substring(SECOND_VERSION.length()))
                    .filter(path -> path.length() > 1 && !path.startsWith("/.."))
                    .findFirst();
        } catch (ErrnoException unreadable) {
            return Optional.empty();
        }
    }

    private long room(String mount, String group) {
        long room = Long.MAX_VALUE;
        for (String path = group; !path.isEmpty(); path = path.substring(0, path.lastIndexOf('/'))) {
            room = Math.min(room, roomIn(mount + path));
        }
        return room;
    }

    /** A group without the files is in a hierarchy that does not look after memory. */
    private long roomIn(String directory) {
        long limit = number(directory + "/memory.swap.max");
        return limit == Long.MAX_VALUE ? limit : Math.max(0, limit - number(directory + "/memory.swap.current"));
    }

    private long number(String path) {
        return files.textIfReadable(path)
                .filter(text -> text.matches("[0-9]{1,18}"))
                .map(Long::parseLong)
                .orElse(Long.MAX_VALUE);
    }
}
