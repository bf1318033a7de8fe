package dev.remora.numa;

import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.text.Printable;
import dev.remora.text.TextTable;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The NUMA nodes of this host at the time they were read: where there is memory, where there are CPUs, and how far they
 * are from each other.
 *
 * {@snippet :
 * NumaTopology host = NumaTopology.ofThisHost();
 * NodeSet far = host.nodesWithMemory().without(host.nodesWithCpus());
 * host.distance(0, 1); // 21
 * }
 *
 * <p>A host without NUMA, or a kernel that was built without it, has node 0 with everything. A snapshot never changes;
 * nodes can go on- and offline, and free memory changes all the time, so take another one when it matters.
 */
public final class NumaTopology {

    private final List<NumaNode> nodes;
    private final List<MemoryTier> memoryTiers;
    private final NodeSet allowedNodes;

    NumaTopology(List<NumaNode> nodes, List<MemoryTier> memoryTiers, NodeSet allowedNodes) {
        this.nodes = List.copyOf(nodes);
        this.memoryTiers = List.copyOf(memoryTiers);
        this.allowedNodes = allowedNodes;
    }

    /**
     * Reads the nodes of this host.
     *
     * <p>It needs no privilege. Kernel: every Linux with {@code /sys} and {@code /proc} mounted; memory tiers from Linux
     * 6.1 on. Source: {@code numa(7)}, {@code sysfs(5)}, {@code proc_pid_status(5)}.
     *
     * @return the snapshot
     * @throws java.io.UncheckedIOException if {@code /sys} or {@code /proc} is not mounted or may not be read, or the
     *     process has too many open files; the message tells which
     * @throws IllegalStateException if nodes go on- and offline all the time while they are read
     * @throws UnsupportedOperationException if this is not Linux on x86-64 or AArch64
     * @throws IllegalCallerException if Java denies native access; the message names the flag that grants it
     */
    public static NumaTopology ofThisHost() {
        return of(LinuxKernel.instance());
    }

    static NumaTopology of(Kernel kernel) {
        return new HostReading(kernel).topology();
    }

    /** {@return the nodes that are online, ascending} */
    public List<NumaNode> nodes() {
        return nodes;
    }

    /**
     * {@return the node with this number, or nothing if it is not online}
     *
     * @param number a number
     */
    public Optional<NumaNode> node(int number) {
        return nodes.stream().filter(node -> node.number() == number).findFirst();
    }

    /** {@return the numbers of the nodes that are online} */
    public NodeSet onlineNodes() {
        return where(_ -> true);
    }

    /** {@return the numbers of the nodes that have memory} */
    public NodeSet nodesWithMemory() {
        return where(NumaNode::hasMemory);
    }

    /** {@return the numbers of the nodes that have CPUs which are online} */
    public NodeSet nodesWithCpus() {
        return where(NumaNode::hasCpus);
    }

    private NodeSet where(Predicate<NumaNode> condition) {
        return NodeSet.of(
                nodes.stream().filter(condition).mapToInt(NumaNode::number).toArray());
    }

    /**
     * {@return the nodes on which this process may have memory, as its cpuset says ({@code Mems_allowed_list} of {@code
     * /proc/self/status})} On a kernel without cpusets these are all nodes that have memory.
     */
    public NodeSet allowedNodes() {
        return allowedNodes;
    }

    /** {@return the memory tiers that have nodes, the fastest first} There are none before Linux 6.1. */
    public List<MemoryTier> memoryTiers() {
        return memoryTiers;
    }

    /**
     * {@return how far one node is from another, as the firmware tells the kernel} A node is 10 away from itself; 20 takes
     * twice as long. The numbers order nodes, but measure nothing, and the way back may be longer.
     *
     * @param from the number of a node that is online
     * @param to the number of a node that is online
     * @throws IllegalArgumentException if one of them is not online
     */
    public int distance(int from, int to) {
        return node(from)
                .orElseThrow(
                        () -> notOnline(from, onlineNodes().stream().boxed().toList()))
                .distanceTo(to);
    }

    static IllegalArgumentException notOnline(int node, Collection<Integer> online) {
        return new IllegalArgumentException(
                "Node " + node + " was not online when the nodes were read; those online were " + NodeSet.of(online));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NumaTopology topology
                && nodes.equals(topology.nodes)
                && memoryTiers.equals(topology.memoryTiers)
                && allowedNodes.equals(topology.allowedNodes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(nodes, memoryTiers, allowedNodes);
    }

    /** {@return a table of the first nodes, with sizes in MiB} */
    @Override
    public String toString() {
        var table = new TextTable(Printable.count(nodes.size(), "NUMA node") + ", allowed: " + allowedNodes, "<>><");
        for (NumaNode node : nodes) {
            table.row(
                    "node " + node.number(),
                    (node.memoryBytes() >> 20) + " MiB",
                    (node.freeBytes() >> 20) + " MiB free",
                    node.hasCpus() ? "CPUs " + node.cpuList() : "no CPUs");
        }
        return table.toString();
    }
}
