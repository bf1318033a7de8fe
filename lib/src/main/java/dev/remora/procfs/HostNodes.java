package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.DirectoryEntry;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What {@code /sys} and {@code /proc} say of the NUMA nodes of the host. All calls throw {@link ErrnoException}. */
public final class HostNodes {

    private static final String NODES = "/sys/devices/system/node";
    private static final String CPUS = "/sys/devices/system/cpu";
    private static final String TIERS = "/sys/devices/virtual/memory_tiering";
    private static final String TIER = "memory_tier";

    private final Kernel kernel;

    public HostNodes(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Returns the list of nodes that are online, or nothing on a kernel without NUMA. */
    public Optional<String> online() {
        return openIfThere(NODES).map(directory -> {
            try (directory) {
                return text(directory, NODES, "online");
            }
        });
    }

    /** Reads what is known of a node that is online. */
    public HostNode node(int number) {
        String path = NODES + "/node" + number;
        try (Descriptor node = OpenFiles.directory(kernel, path)) {
            return HostNode.of(text(node, path, "meminfo"), text(node, path, "cpulist"), text(node, path, "distance"));
        }
    }

    /** Reads the host as the only node that a kernel without NUMA has; without {@code /sys} this is ENOENT. */
    public HostNode onlyNode() {
        try (Descriptor cpus = OpenFiles.directory(kernel, CPUS);
                Descriptor proc = OpenFiles.directory(kernel, "/proc")) {
            return HostNode.of(text(proc, "/proc", "meminfo"), text(cpus, CPUS, "online"), HostNode.LOCAL);
        }
    }

    /** Returns the list of nodes of each memory tier, by its number; nothing before Linux 6.1. */
    public SortedMap<Integer, String> memoryTiers() {
        SortedMap<Integer, String> tiers = new TreeMap<>();
        openIfThere(TIERS).ifPresent(directory -> {
            try (directory) {
                for (int number : tierNumbers(directory)) {
                    tierNodes(directory, number).ifPresent(nodes -> tiers.put(number, nodes));
                }
            }
        });
        return tiers;
    }

    /** A tier goes with its last node. */
    private Optional<String> tierNodes(Descriptor directory, int number) {
        try {
            return Optional.of(text(directory, TIERS, TIER + number + "/nodelist"));
        } catch (ErrnoException failure) {
            if (meansAbsent(failure)) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private List<Integer> tierNumbers(Descriptor directory) {
        try (Descriptor listing = OpenFiles.forReading(kernel, directory, ".", TIERS)) {
            Stream<String> names =
                    OpenFiles.entries(kernel, listing, TIERS).stream().map(DirectoryEntry::name);
            return names.filter(name -> name.matches(TIER + "[0-9]{1,9}"))
                    .map(name -> Integer.valueOf(name.substring(TIER.length())))
                    .toList();
        }
    }

    /** Says whether a failure means that a node or tier is not there, or not any more. */
    public static boolean meansAbsent(ErrnoException failure) {
        return failure.errno() == Linux.ENOENT() || failure.errno() == Linux.ENODEV();
    }

    private Optional<Descriptor> openIfThere(String path) {
        try {
            return Optional.of(OpenFiles.directory(kernel, path));
        } catch (ErrnoException failure) {
            if (meansAbsent(failure)) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private String text(Descriptor directory, String directoryPath, String name) {
        String path = directoryPath + "/" + name;
        try (var file = new ProcFile(kernel, OpenFiles.forReading(kernel, directory, name, path), path)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
