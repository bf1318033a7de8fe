package dev.remora.numa;

import dev.remora.procfs.AllowedNodes;
import dev.remora.procfs.HostNode;
import dev.remora.procfs.HostNodes;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the topology of what the kernel's files say, which may change while they are read. */
final class HostReading {

    private static final int ATTEMPTS = 4;

    private final Kernel kernel;
    private final HostNodes host;

    HostReading(Kernel kernel) {
        this.kernel = kernel;
        host = new HostNodes(kernel);
    }

    NumaTopology topology() {
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Optional<NumaTopology> found = unlessChanging();
                if (found.isPresent()) {
                    return found.get();
                }
            }
        } catch (ErrnoException failure) {
            throw new UncheckedIOException(new IOException(
                    failure.getMessage() + ". The NUMA nodes are read from /sys and /proc: mount both, let this"
                            + " process read them, and see to it that it has not too many open files",
                    failure));
        }
        throw new IllegalStateException("The NUMA nodes that are online, or their distances, did not stay the same"
                + " while they were read, in " + ATTEMPTS + " attempts: try again when no memory is being plugged");
    }

    private Optional<NumaTopology> unlessChanging() {
        Optional<String> online = host.online();
        if (online.isEmpty()) {
            return Optional.of(topology(List.of(node(0, host.onlyNode(), NodeSet.of(0)))));
        }
        NodeSet numbers = NodeSet.parse(online.get());
        try {
            List<NumaNode> nodes = new ArrayList<>();
            for (int number : numbers.stream().toArray()) {
                HostNode node = host.node(number);
                if (node.distances().size() != numbers.size()) {
                    return Optional.empty();
                }
                nodes.add(node(number, node, numbers));
            }
            NumaTopology found = topology(nodes);
            return online.equals(host.online()) ? Optional.of(found) : Optional.empty();
        } catch (ErrnoException failure) {
            if (HostNodes.meansAbsent(failure) && !online.equals(host.online())) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private static NumaNode node(int number, HostNode node, NodeSet online) {
        Map<Integer, Integer> distances = new HashMap<>();
        Iterator<Integer> row = node.distances().iterator();
        online.stream().forEach(other -> distances.put(other, row.next()));
        return new NumaNode(number, node.memoryBytes(), node.freeBytes(), node.cpus(), distances);
    }

    private NumaTopology topology(List<NumaNode> nodes) {
        int[] withMemory = nodes.stream()
                .filter(NumaNode::hasMemory)
                .mapToInt(NumaNode::number)
                .toArray();
        NodeSet allowed = allowedNodes().map(NodeSet::parse).orElseGet(() -> NodeSet.of(withMemory));
        return new NumaTopology(nodes, memoryTiers(), allowed);
    }

    private Optional<String> allowedNodes() {
        try (ProcDirectory self = ProcDirectory.ofThisProcess(kernel)) {
            return AllowedNodes.read(self);
        }
    }

    private List<MemoryTier> memoryTiers() {
        List<MemoryTier> tiers = new ArrayList<>();
        host.memoryTiers().forEach((number, nodes) -> tiers.add(new MemoryTier(number, NodeSet.parse(nodes))));
        return tiers;
    }
}
