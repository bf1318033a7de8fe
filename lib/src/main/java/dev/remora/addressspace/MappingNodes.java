package dev.remora.addressspace;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A mapping, its memory policy, and how much of it is on which NUMA node, as a line of {@code /proc/PID/numa_maps} has it
 * ({@code numa(7)}).
 *
 * @param mapping the mapping, always a whole one
 * @param policy the policy as the kernel writes it: {@code default}, {@code bind:0-1}, {@code prefer:1} …; empty if the
 *     kernel has no line for the mapping, as for {@code [vsyscall]}
 * @param bytesOfNodes how many bytes in RAM are on each node, by its number, ascending; nodes without any are left out
 */
public record MappingNodes(Mapping mapping, String policy, Map<Integer, Long> bytesOfNodes) {

    /** Creates a description. */
    public MappingNodes {
        bytesOfNodes = Collections.unmodifiableMap(new TreeMap<>(bytesOfNodes));
    }

    /** {@return the bytes in RAM, on all nodes} */
    public long residentBytes() {
        return bytesOfNodes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@return the mapping, its policy and its nodes, in one line} */
    @Override
    public String toString() {
        return mapping + ": " + policy + " " + bytesOfNodes;
    }
}
