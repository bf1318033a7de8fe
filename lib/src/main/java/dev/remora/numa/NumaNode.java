package dev.remora.numa;

import dev.remora.text.NumberList;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One NUMA node as it was when the {@link NumaTopology} was read.
 *
 * <p>Source: the files of {@code /sys/devices/system/node/nodeN}; see {@code numa(7)}.
 *
 * @param number the number of the node, from 0 to 1023
 * @param memoryBytes the memory of the node that the kernel manages, in bytes; 0 for a node that has only CPUs
 * @param freeBytes how much of it nobody uses, in bytes. What caches hold is not free in this sense
 * @param cpuList the CPUs of the node that are online, as the kernel prints them, for example {@code 0-3,8}; the empty
 *     text for a node that has only memory
 * @param distances how far each node that is online is, by its number, ascending; see {@link #distanceTo(int)}
 */
public record NumaNode(int number, long memoryBytes, long freeBytes, String cpuList, Map<Integer, Integer> distances) {

    /** More than the {@code NR_CPUS} of any kernel. */
    private static final int CPU_LIMIT = 1 << 20;

    /**
     * Creates a node.
     *
     * @throws IllegalArgumentException if the number of a node is out of range, a size is negative, or the CPUs are not a
     *     list of numbers
     */
    public NumaNode {
        var _ = NodeSet.requireNode(number);
        if (memoryBytes < 0 || freeBytes < 0) {
            throw new IllegalArgumentException("Sizes are not negative, and node " + number + " would have "
                    + memoryBytes + " bytes, of which " + freeBytes + " are free");
        }
        cpuList = NumberList.format(NumberList.parse(cpuList, CPU_LIMIT));
        SortedMap<Integer, Integer> sorted = new TreeMap<>(distances);
        sorted.keySet().forEach(NodeSet::requireNode);
        distances = Collections.unmodifiableSortedMap(sorted);
    }

    /** {@return the numbers of the CPUs of the node that are online, ascending} */
    public IntStream cpus() {
        return NumberList.parse(cpuList, CPU_LIMIT).stream();
    }

    /** {@return whether the node has CPUs that are online} */
    public boolean hasCpus() {
        return !cpuList.isEmpty();
    }

    /** {@return whether the node has memory} */
    public boolean hasMemory() {
        return memoryBytes > 0;
    }

    /**
     * {@return how far another node is, as the firmware tells the kernel} The node itself is 10 away; 20 takes twice as
     * long. The numbers order nodes, but measure nothing.
     *
     * @param node the number of a node that was online
     * @throws IllegalArgumentException if it was not
     */
    public int distanceTo(int node) {
        Integer distance = distances.get(node);
        if (distance == null) {
            throw NumaTopology.notOnline(node, distances.keySet());
        }
        return distance;
    }
}
