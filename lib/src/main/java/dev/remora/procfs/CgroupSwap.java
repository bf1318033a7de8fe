package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.Optional;
import java.util.OptionalLong;

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
                : files.textIfReadable(CgroupMounts.LIST)
                        .map(CgroupMounts::parse)
                        .flatMap(CgroupMounts::second)
                        .map(mount -> new CgroupSwap(files).room(mount, group.get()))
                        .orElse(Long.MAX_VALUE);
    }

    private static Optional<String> group(ProcDirectory process) {
        try {
            return process.text(Entry.CGROUP)
                    .lines()
                    .filter(line -> line.startsWith(SECOND_VERSION))
                    .map(line -> line.substring(SECOND_VERSION.length()))
                    .findFirst();
        } catch (ErrnoException unreadable) {
            return Optional.empty();
        }
    }

    /** Up to where it is mounted: in a namespace of its own, the root has the limits of a container. */
    private long room(CgroupMounts.Mount mount, String group) {
        Optional<String> directory = mount.directoryOf(group);
        long room = Long.MAX_VALUE;
        for (String path = directory.orElse(""); path.length() >= mount.place().length() && !path.isEmpty(); ) {
            room = Math.min(room, roomIn(path));
            path = path.substring(0, path.lastIndexOf('/'));
        }
        return room;
    }

    /** A group without the files has no limit: it is the root of all, or of a hierarchy that does not look after memory. */
    private long roomIn(String directory) {
        OptionalLong limit = number(directory + "/memory.swap.max");
        OptionalLong used = number(directory + "/memory.swap.current");
        return limit.isPresent() && used.isPresent()
                ? Math.max(0, limit.getAsLong() - used.getAsLong())
                : Long.MAX_VALUE;
    }

    private OptionalLong number(String path) {
        return files.textIfReadable(path).filter(text -> text.matches("[0-9]{1,18}")).stream()
                .mapToLong(Long::parseLong)
                .findFirst();
    }
}
