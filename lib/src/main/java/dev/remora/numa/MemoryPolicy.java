package dev.remora.numa;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.bindings.Linux;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * From which NUMA nodes the kernel is to take memory, as {@code mbind(2)} and {@code set_mempolicy(2)} have it: one
 * record for each mode, with the flags that this mode can have and no others.
 *
 * {@snippet :
 * MemoryPolicy policy = MemoryPolicy.bind(NodeSet.of(0, 1)).staticNodes().numaBalancing();
 * policy.toString(); // bind=static|balancing:0-1
 * }
 *
 * <p>A policy is about pages that are not there yet; pages that are stay where they are unless they are moved. It is a
 * value: making one asks nothing of the kernel, so the nodes need not exist, nor the kernel know the mode. Node numbers
 * are those of {@link NodeSet}, 0 to 1023. The kernel must have been built with NUMA.
 *
 * <p>Source: {@code mbind(2)}, {@code set_mempolicy(2)}, the kernel's {@code
 * Documentation/admin-guide/mm/numa_memory_policy.rst} and {@code mm/mempolicy.c}.
 */
@CheckReturnValue
public sealed interface MemoryPolicy {

    /** {@return the nodes that the policy names; none for {@link Default} and {@link Local}} */
    NodeSet nodes();

    /** {@return what the node numbers mean; for policies without nodes, {@link NodeNumbers#REMAPPED}} */
    default NodeNumbers nodeNumbers() {
        return NodeNumbers.REMAPPED;
    }

    /** {@return the node to begin with, which only {@link Bind} and {@link PreferredMany} can have} */
    default OptionalInt homeNode() {
        return OptionalInt.empty();
    }

    /**
     * {@return the kernel's number of the mode with its mode flags, the {@code mode} of {@code mbind(2)}} A home node is
     * not part of it: that takes a second call, {@code set_mempolicy_home_node(2)}.
     */
    int mode();

    /**
     * {@return the first Linux version in which {@code mbind(2)} takes this policy with all its flags, and {@code
     * set_mempolicy_home_node(2)} its home node, for example {@code 5.15}}
     */
    String firstKernel();

    /**
     * {@return the policy that has none of its own} For a range of memory: the thread's policy applies. For a thread: that
     * of the system, which is {@link #local()}.
     */
    static Default systemDefault() {
        return new Default();
    }

    /** {@return the policy to take memory from the node of the CPU that asks for it} */
    static Local local() {
        return new Local();
    }

    /**
     * {@return the policy to take memory from one node, and from others when that has none left}
     *
     * @param node a number from 0 to 1023
     * @throws IllegalArgumentException if the number is out of range
     */
    static Preferred preferred(int node) {
        return new Preferred(node, NodeNumbers.REMAPPED);
    }

    /**
     * {@return the policy to take memory from some nodes, and from others when these have none left}
     *
     * @param nodes at least one node
     * @throws IllegalArgumentException if there is no node in the set
     */
    static PreferredMany preferredMany(NodeSet nodes) {
        return new PreferredMany(nodes, NodeNumbers.REMAPPED, false, OptionalInt.empty());
    }

    /**
     * {@return the policy to take memory from these nodes and no others}
     *
     * @param nodes at least one node
     * @throws IllegalArgumentException if there is no node in the set
     */
    static Bind bind(NodeSet nodes) {
        return new Bind(nodes, NodeNumbers.REMAPPED, false, OptionalInt.empty());
    }

    /**
     * {@return the policy to take each page from another one of these nodes, in turn}
     *
     * @param nodes at least one node
     * @throws IllegalArgumentException if there is no node in the set
     */
    static Interleave interleave(NodeSet nodes) {
        return new Interleave(nodes, NodeNumbers.REMAPPED);
    }

    /**
     * {@return the policy to take pages from these nodes in turn, as many from each as its weight says}
     *
     * @param nodes at least one node
     * @throws IllegalArgumentException if there is no node in the set
     */
    static WeightedInterleave weightedInterleave(NodeSet nodes) {
        return new WeightedInterleave(nodes, NodeNumbers.REMAPPED);
    }

    /**
     * {@return the policy that a text describes, as {@code /proc/PID/numa_maps} prints it} White space around the text is
     * ignored.
     *
     * <p>The kernel prints a policy without its home node, and cuts it after 63 characters, which hides nodes when there
     * are many. Kernels before 6.11 that did not get the correction print {@code default} for a policy with {@link
     * Bind#numaBalancing()}. {@code prefer} without a node, the way of older kernels to say it, is {@link #local()}.
     *
     * @param text for example {@code default}, {@code local}, {@code prefer:1}, {@code prefer (many):0-1}, {@code
     *     bind=static|balancing:0-1} or {@code weighted interleave:0-1}
     * @throws IllegalArgumentException if it is not the text of a policy
     */
    static MemoryPolicy parse(String text) {
        return PolicyText.parse(text);
    }

    /**
     * {@return the policy that the kernel tells of by its number, as {@code get_mempolicy(2)} does} A home node is not part
     * of it.
     *
     * @param mode the number of the mode with its mode flags, as {@link #mode()} has it
     * @param nodes the nodes
     * @throws IllegalStateException if there is no such mode or flag
     */
    static MemoryPolicy of(int mode, NodeSet nodes) {
        return PolicyNumber.policy(mode, nodes);
    }

    /**
     * No policy of its own; see {@link #systemDefault()}.
     *
     * <p>Kernel: {@code MPOL_DEFAULT}, Linux 2.6.7.
     */
    record Default() implements MemoryPolicy {

        @Override
        public NodeSet nodes() {
            return NodeSet.empty();
        }

        @Override
        public int mode() {
            return Linux.MPOL_DEFAULT();
        }

        @Override
        public String firstKernel() {
            return "2.6.7";
        }

        /** {@return {@code default}} */
        @Override
        public String toString() {
            return "default";
        }
    }

    /**
     * Memory of the node whose CPU asks for it, and of others when that has none left.
     *
     * <p>Kernel: {@code MPOL_LOCAL}, Linux 3.8.
     */
    record Local() implements MemoryPolicy {

        @Override
        public NodeSet nodes() {
            return NodeSet.empty();
        }

        @Override
        public int mode() {
            return Linux.MPOL_LOCAL();
        }

        @Override
        public String firstKernel() {
            return "3.8";
        }

        /** {@return {@code local}} */
        @Override
        public String toString() {
            return "local";
        }
    }

    /**
     * Memory of one node, and of others when that has none left.
     *
     * <p>Kernel: {@code MPOL_PREFERRED}, Linux 2.6.7.
     *
     * @param node the node, from 0 to 1023
     * @param nodeNumbers what its number means
     */
    record Preferred(int node, NodeNumbers nodeNumbers) implements MemoryPolicy {

        /**
         * Creates a policy.
         *
         * @throws IllegalArgumentException if the number of the node is out of range
         */
        public Preferred {
            var _ = NodeSet.requireNode(node);
            Objects.requireNonNull(nodeNumbers, "nodeNumbers");
        }

        /** {@return this policy, with a node number that is the machine's: {@link NodeNumbers#STATIC}} */
        public Preferred staticNodes() {
            return new Preferred(node, NodeNumbers.STATIC);
        }

        /** {@return this policy, with a node number that counts the allowed nodes: {@link NodeNumbers#RELATIVE}} */
        public Preferred relativeNodes() {
            return new Preferred(node, NodeNumbers.RELATIVE);
        }

        @Override
        public NodeSet nodes() {
            return NodeSet.of(node);
        }

        @Override
        public int mode() {
            return Linux.MPOL_PREFERRED() | nodeNumbers.flag();
        }

        @Override
        public String firstKernel() {
            return nodeNumbers.firstKernel("2.6.7");
        }

        /** {@return the policy as {@code numa_maps} prints it, for example {@code prefer:1}} */
        @Override
        public String toString() {
            return PolicyText.of("prefer", nodeNumbers, false, nodes());
        }
    }

    /**
     * Memory of some nodes, and of others when these have none left.
     *
     * <p>Kernel: {@code MPOL_PREFERRED_MANY}, Linux 5.15.
     *
     * @param nodes the nodes, at least one
     * @param nodeNumbers what their numbers mean
     * @param balancing whether the kernel may move pages among the nodes; see {@link #numaBalancing()}
     * @param homeNode the node to begin with; see {@link #homeNode(int)}
     */
    record PreferredMany(NodeSet nodes, NodeNumbers nodeNumbers, boolean balancing, OptionalInt homeNode)
            implements MemoryPolicy {

        /**
         * Creates a policy.
         *
         * @throws IllegalArgumentException if there is no node in the set, or the number of the home node is out of range
         */
        public PreferredMany {
            PolicyText.requireNodes("prefer many nodes", nodes);
            PolicyText.requireHomeNode(homeNode);
            Objects.requireNonNull(nodeNumbers, "nodeNumbers");
        }

        /** {@return this policy, with node numbers that are the machine's: {@link NodeNumbers#STATIC}} */
        public PreferredMany staticNodes() {
            return new PreferredMany(nodes, NodeNumbers.STATIC, balancing, homeNode);
        }

        /** {@return this policy, with node numbers that count the allowed nodes: {@link NodeNumbers#RELATIVE}} */
        public PreferredMany relativeNodes() {
            return new PreferredMany(nodes, NodeNumbers.RELATIVE, balancing, homeNode);
        }

        /**
         * {@return this policy, under which the kernel moves pages to the CPUs that use them, among these nodes} It does
         * so only while automatic NUMA balancing is switched on ({@code /proc/sys/kernel/numa_balancing}).
         *
         * <p>Kernel: {@code MPOL_F_NUMA_BALANCING}, for {@code mbind(2)} and this mode Linux 6.10.
         */
        public PreferredMany numaBalancing() {
            return new PreferredMany(nodes, nodeNumbers, true, homeNode);
        }

        /**
         * {@return this policy, with a node near which the kernel looks for memory first} Otherwise that is the node of
         * the CPU that asks. The home node need not be one of the policy's nodes, but has to be online.
         *
         * <p>Kernel: {@code set_mempolicy_home_node(2)}, Linux 5.17.
         *
         * @param node a number from 0 to 1023
         * @throws IllegalArgumentException if the number is out of range
         */
        public PreferredMany homeNode(int node) {
            return new PreferredMany(nodes, nodeNumbers, balancing, OptionalInt.of(node));
        }

        @Override
        public int mode() {
            return Linux.MPOL_PREFERRED_MANY() | nodeNumbers.flag() | (balancing ? Linux.MPOL_F_NUMA_BALANCING() : 0);
        }

        @Override
        public String firstKernel() {
            if (balancing) {
                return "6.10";
            }
            return homeNode.isPresent() ? "5.17" : "5.15";
        }

        /** {@return the policy as {@code numa_maps} prints it, without its home node: {@code prefer (many):0-1}} */
        @Override
        public String toString() {
            return PolicyText.of("prefer (many)", nodeNumbers, balancing, nodes);
        }
    }

    /**
     * Memory of these nodes only: when they have none left, the kernel reclaims, and in the end kills.
     *
     * <p>Kernel: {@code MPOL_BIND}, Linux 2.6.7.
     *
     * @param nodes the nodes, at least one
     * @param nodeNumbers what their numbers mean
     * @param balancing whether the kernel may move pages among the nodes; see {@link #numaBalancing()}
     * @param homeNode the node to begin with; see {@link #homeNode(int)}
     */
    record Bind(NodeSet nodes, NodeNumbers nodeNumbers, boolean balancing, OptionalInt homeNode)
            implements MemoryPolicy {

        /**
         * Creates a policy.
         *
         * @throws IllegalArgumentException if there is no node in the set, or the number of the home node is out of range
         */
        public Bind {
            PolicyText.requireNodes("bind", nodes);
            PolicyText.requireHomeNode(homeNode);
            Objects.requireNonNull(nodeNumbers, "nodeNumbers");
        }

        /** {@return this policy, with node numbers that are the machine's: {@link NodeNumbers#STATIC}} */
        public Bind staticNodes() {
            return new Bind(nodes, NodeNumbers.STATIC, balancing, homeNode);
        }

        /** {@return this policy, with node numbers that count the allowed nodes: {@link NodeNumbers#RELATIVE}} */
        public Bind relativeNodes() {
            return new Bind(nodes, NodeNumbers.RELATIVE, balancing, homeNode);
        }

        /**
         * {@return this policy, under which the kernel moves pages to the CPUs that use them, among these nodes} It does
         * so only while automatic NUMA balancing is switched on ({@code /proc/sys/kernel/numa_balancing}).
         *
         * <p>Kernel: {@code MPOL_F_NUMA_BALANCING}, for {@code mbind(2)} and this mode Linux 5.15.
         */
        public Bind numaBalancing() {
            return new Bind(nodes, nodeNumbers, true, homeNode);
        }

        /**
         * {@return this policy, with a node near which the kernel looks for memory first} Otherwise that is the node of
         * the CPU that asks. The home node need not be one of the policy's nodes, but has to be online.
         *
         * <p>Kernel: {@code set_mempolicy_home_node(2)}, Linux 5.17.
         *
         * @param node a number from 0 to 1023
         * @throws IllegalArgumentException if the number is out of range
         */
        public Bind homeNode(int node) {
            return new Bind(nodes, nodeNumbers, balancing, OptionalInt.of(node));
        }

        @Override
        public int mode() {
            return Linux.MPOL_BIND() | nodeNumbers.flag() | (balancing ? Linux.MPOL_F_NUMA_BALANCING() : 0);
        }

        @Override
        public String firstKernel() {
            if (homeNode.isPresent()) {
                return "5.17";
            }
            return balancing ? "5.15" : nodeNumbers.firstKernel("2.6.7");
        }

        /** {@return the policy as {@code numa_maps} prints it, without its home node: {@code bind:0-1}} */
        @Override
        public String toString() {
            return PolicyText.of("bind", nodeNumbers, balancing, nodes);
        }
    }

    /**
     * Pages from these nodes in turn: more bandwidth for memory that many CPUs use.
     *
     * <p>Kernel: {@code MPOL_INTERLEAVE}, Linux 2.6.7.
     *
     * @param nodes the nodes, at least one
     * @param nodeNumbers what their numbers mean
     */
    record Interleave(NodeSet nodes, NodeNumbers nodeNumbers) implements MemoryPolicy {

        /**
         * Creates a policy.
         *
         * @throws IllegalArgumentException if there is no node in the set
         */
        public Interleave {
            PolicyText.requireNodes("interleave", nodes);
            Objects.requireNonNull(nodeNumbers, "nodeNumbers");
        }

        /** {@return this policy, with node numbers that are the machine's: {@link NodeNumbers#STATIC}} */
        public Interleave staticNodes() {
            return new Interleave(nodes, NodeNumbers.STATIC);
        }

        /** {@return this policy, with node numbers that count the allowed nodes: {@link NodeNumbers#RELATIVE}} */
        public Interleave relativeNodes() {
            return new Interleave(nodes, NodeNumbers.RELATIVE);
        }

        @Override
        public int mode() {
            return Linux.MPOL_INTERLEAVE() | nodeNumbers.flag();
        }

        @Override
        public String firstKernel() {
            return nodeNumbers.firstKernel("2.6.7");
        }

        /** {@return the policy as {@code numa_maps} prints it, for example {@code interleave:0-1}} */
        @Override
        public String toString() {
            return PolicyText.of("interleave", nodeNumbers, false, nodes);
        }
    }

    /**
     * Pages from these nodes in turn, as many from each as its weight says, so that nodes of different speed are all used
     * to the full. The weights are the host's: {@code /sys/kernel/mm/mempolicy/weighted_interleave/}.
     *
     * <p>Kernel: {@code MPOL_WEIGHTED_INTERLEAVE}, Linux 6.9.
     *
     * @param nodes the nodes, at least one
     * @param nodeNumbers what their numbers mean
     */
    record WeightedInterleave(NodeSet nodes, NodeNumbers nodeNumbers) implements MemoryPolicy {

        /**
         * Creates a policy.
         *
         * @throws IllegalArgumentException if there is no node in the set
         */
        public WeightedInterleave {
            PolicyText.requireNodes("interleave with weights", nodes);
            Objects.requireNonNull(nodeNumbers, "nodeNumbers");
        }

        /** {@return this policy, with node numbers that are the machine's: {@link NodeNumbers#STATIC}} */
        public WeightedInterleave staticNodes() {
            return new WeightedInterleave(nodes, NodeNumbers.STATIC);
        }

        /** {@return this policy, with node numbers that count the allowed nodes: {@link NodeNumbers#RELATIVE}} */
        public WeightedInterleave relativeNodes() {
            return new WeightedInterleave(nodes, NodeNumbers.RELATIVE);
        }

        @Override
        public int mode() {
            return Linux.MPOL_WEIGHTED_INTERLEAVE() | nodeNumbers.flag();
        }

        @Override
        public String firstKernel() {
            return "6.9";
        }

        /** {@return the policy as {@code numa_maps} prints it, for example {@code weighted interleave:0-1}} */
        @Override
        public String toString() {
            return PolicyText.of("weighted interleave", nodeNumbers, false, nodes);
        }
    }
}
