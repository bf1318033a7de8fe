package dev.remora;

import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeNumbers;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;

/**
 * Which nodes memory of a process can be on. What is wrong with a choice of nodes is said before the kernel is asked, whose
 * EINVAL does not tell.
 *
 * @param host the nodes of this host
 * @param allowed those on which the process may have memory
 * @param whose the process, in words
 */
record PolicyNodes(NumaTopology host, NodeSet allowed, String whose) {

    /** Throws {@link IllegalArgumentException} if a policy names nodes that cannot be used. */
    void require(MemoryPolicy policy) {
        if (policy.nodeNumbers() == NodeNumbers.REMAPPED) {
            require(policy.nodes());
        } else if (policy.nodeNumbers() == NodeNumbers.STATIC
                && policy.nodes().intersection(allowed).isEmpty()) {
            throw outside(policy.nodes());
        }
        policy.homeNode().ifPresent(node -> requireMemory(NodeSet.of(node)));
    }

    /** Throws {@link IllegalArgumentException} if memory cannot be on each of these nodes. */
    void require(NodeSet nodes) {
        requireMemory(nodes);
        if (!allowed.containsAll(nodes)) {
            throw outside(nodes.without(allowed));
        }
    }

    private void requireMemory(NodeSet nodes) {
        NodeSet missing = nodes.without(host.nodesWithMemory());
        if (!missing.isEmpty()) {
            boolean exist = host.onlineNodes().containsAll(missing);
            throw new IllegalArgumentException("This host has " + (exist ? "no memory on node " : "no node ") + missing
                    + ": its nodes with memory are " + host.nodesWithMemory());
        }
    }

    private IllegalArgumentException outside(NodeSet nodes) {
        return new IllegalArgumentException("The cpuset of " + whose + " does not allow memory on node " + nodes
                + ": it allows " + allowed + " (Mems_allowed_list in /proc/PID/status). Choose among these, or change"
                + " cpuset.mems of its cgroup");
    }
}
