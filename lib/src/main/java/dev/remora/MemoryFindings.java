package dev.remora;

import dev.remora.Finding.Area;
import dev.remora.Finding.Status;
import dev.remora.addressspace.ByteSize;
import dev.remora.numa.NodeSet;
import dev.remora.procfs.CgroupSwap;
import dev.remora.procfs.HostFiles;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.SwapAreas;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Where memory can go on this host. */
final class MemoryFindings {

    private static final String HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage";

    private final Kernel kernel;
    private final HostFiles files;

    MemoryFindings(Kernel kernel, HostFiles files) {
        this.kernel = kernel;
        this.files = files;
    }

    Stream<Finding> all() {
        return Stream.of(
                unlessUnreadable(
                        "swap",
                        "pageOut() leaves anonymous memory where it is, and says nothing",
                        "Make some: mkswap and swapon for a file or a device, or zram",
                        this::swap),
                unlessUnreadable(
                        "transparent huge pages",
                        "collapse() fails",
                        "Use a kernel with CONFIG_TRANSPARENT_HUGEPAGE",
                        this::hugePages),
                unlessUnreadable(
                        "several NUMA nodes",
                        "place(), moveTo() and migrate() work, and have nowhere else to go",
                        "Nothing to do on a machine with one node; on others, use a kernel with CONFIG_NUMA, without"
                                + " numa=off",
                        this::nodes));
    }

    private record Seen(Status status, String detail) {}

    private static Finding unlessUnreadable(String subject, String cost, String remedy, Supplier<Seen> look) {
        Seen seen;
        try {
            seen = look.get();
        } catch (ErrnoException | IllegalArgumentException unreadable) {
            seen = new Seen(Status.UNKNOWN, String.valueOf(unreadable.getMessage()));
        }
        return Finding.of(Area.MEMORY, subject, seen.status(), seen.detail(), cost, remedy);
    }

    private Seen swap() {
        SwapAreas areas = SwapAreas.parse(files.text("/proc/swaps"));
        if (areas.names().isEmpty()) {
            return new Seen(Status.MISSING, "none");
        }
        long room = roomInCgroup();
        String sizes = ByteSize.format(areas.totalBytes()) + ", " + ByteSize.format(areas.freeBytes()) + " free";
        String limit = room < areas.freeBytes()
                ? "; the cgroup of this process may have " + ByteSize.format(room) + " more"
                : "";
        return new Seen(
                Math.min(areas.freeBytes(), room) > 0 ? Status.AVAILABLE : Status.MISSING,
                sizes
                        + (areas.onlyCompressed() ? ", in RAM (zram): " : ": ")
                        + String.join(", ", areas.names())
                        + limit);
    }

    /** The guard looks at the groups of each process; here it is those of this one. */
    private long roomInCgroup() {
        try (ProcDirectory self = ProcDirectory.ofThisProcess(kernel)) {
            return CgroupSwap.roomBytes(kernel, self);
        } catch (ErrnoException unreadable) {
            return Long.MAX_VALUE;
        }
    }

    private Seen hugePages() {
        if (!files.exists("/sys/kernel/mm")) {
            return new Seen(Status.UNKNOWN, "/sys is not mounted");
        }
        if (!files.exists(HUGE_PAGES)) {
            return new Seen(Status.MISSING, "none");
        }
        return new Seen(
                Status.AVAILABLE,
                Stream.of("enabled", "shmem_enabled", "defrag")
                        .map(name -> name + " " + chosen(name))
                        .reduce((one, more) -> one + ", " + more)
                        .orElse(""));
    }

    /** The kernel prints all choices, and the one that is made in brackets. */
    private String chosen(String name) {
        String choices = files.textIfReadable(HUGE_PAGES + "/" + name).orElse("[unknown]");
        return choices.replaceFirst(".*\\[(.*)].*", "$1");
    }

    private Seen nodes() {
        if (!files.exists("/sys/devices/system")) {
            return new Seen(Status.UNKNOWN, "/sys is not mounted");
        }
        if (!files.exists("/sys/devices/system/node")) {
            return new Seen(Status.MISSING, "a kernel without NUMA");
        }
        NodeSet nodes = NodeSet.parse(files.text("/sys/devices/system/node/has_memory"));
        return new Seen(nodes.size() > 1 ? Status.AVAILABLE : Status.MISSING, "nodes with memory: " + nodes);
    }
}
