package dev.remora.numa;

import dev.remora.text.NumberList;
import java.util.BitSet;
import java.util.Collection;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A set of NUMA nodes, by the numbers that the kernel gives them: 0 to 1023, the most that a kernel can be built for
 * ({@code CONFIG_NODES_SHIFT}). A set may be empty, and says nothing about which nodes exist.
 *
 * {@snippet :
 * NodeSet fast = NodeSet.of(0, 1);
 * NodeSet all = NodeSet.parse("0-3,8");
 * all.without(fast); // 2-3,8
 * }
 *
 * <p>The kernel prints sets in the same form, for example in {@code /sys/devices/system/node/online}.
 */
public final class NodeSet {

    /** One more than the highest number a node can have. */
    static final int LIMIT = 1024;

    private static final NodeSet EMPTY = new NodeSet(new BitSet());

    private final BitSet nodes;

    private NodeSet(BitSet nodes) {
        this.nodes = nodes;
    }

    /**
     * {@return the set of these nodes}
     *
     * @param nodes numbers from 0 to 1023, in any order; repeated ones count once
     * @throws IllegalArgumentException if a number is out of range
     */
    public static NodeSet of(int... nodes) {
        var set = new BitSet();
        for (int node : nodes) {
            set.set(requireNode(node));
        }
        return new NodeSet(set);
    }

    /**
     * {@return the set of these nodes}
     *
     * @param nodes numbers from 0 to 1023, in any order; repeated ones count once
     * @throws IllegalArgumentException if a number is out of range
     */
    public static NodeSet of(Collection<Integer> nodes) {
        return of(nodes.stream().mapToInt(Integer::intValue).toArray());
    }

    /**
     * {@return the set that a list describes, in the form in which the kernel prints it}
     *
     * @param list for example {@code 0-3,8}; the empty text is the empty set. White space around the list, such as the
     *     newline of a file in {@code /sys}, is ignored
     * @throws IllegalArgumentException if it is not such a list, or a number is not from 0 to 1023
     */
    public static NodeSet parse(String list) {
        return new NodeSet(NumberList.parse(list, LIMIT));
    }

    /** {@return the set without nodes} */
    public static NodeSet empty() {
        return EMPTY;
    }

    /**
     * {@return the set that a bit mask describes, as the kernel's calls take it}
     *
     * @param words bit <i>n</i> of word <i>n</i>/64 stands for node <i>n</i>; trailing words may be 0
     * @throws IllegalArgumentException if a bit for a node above 1023 is set
     */
    public static NodeSet ofLongArray(long[] words) {
        BitSet set = BitSet.valueOf(words);
        if (set.length() > LIMIT) {
            var _ = requireNode(set.length() - 1);
        }
        return new NodeSet(set);
    }

    static int requireNode(int node) {
        if (node < 0 || node >= LIMIT) {
            throw new IllegalArgumentException(
                    "NUMA nodes have numbers from 0 to " + (LIMIT - 1) + ", and " + node + " is none");
        }
        return node;
    }

    /**
     * {@return whether the node is in this set} Numbers that no node can have are not.
     *
     * @param node a number
     */
    public boolean contains(int node) {
        return node >= 0 && nodes.get(node);
    }

    /**
     * {@return whether all nodes of the other set are in this one} The empty set is in every set.
     *
     * @param other a set
     */
    public boolean containsAll(NodeSet other) {
        return other.without(this).isEmpty();
    }

    /** {@return whether there is no node in this set} */
    public boolean isEmpty() {
        return nodes.isEmpty();
    }

    /** {@return the number of nodes} */
    public int size() {
        return nodes.cardinality();
    }

    /** {@return the nodes in ascending order} */
    public IntStream stream() {
        return nodes.stream();
    }

    /**
     * {@return the nodes that are in this set, in the other, or in both}
     *
     * @param other a set
     */
    public NodeSet union(NodeSet other) {
        BitSet result = copy();
        result.or(other.nodes);
        return new NodeSet(result);
    }

    /**
     * {@return the nodes that are in both sets}
     *
     * @param other a set
     */
    public NodeSet intersection(NodeSet other) {
        BitSet result = copy();
        result.and(other.nodes);
        return new NodeSet(result);
    }

    /**
     * {@return the nodes of this set that are not in the other}
     *
     * @param other a set
     */
    public NodeSet without(NodeSet other) {
        BitSet result = copy();
        result.andNot(other.nodes);
        return new NodeSet(result);
    }

    private BitSet copy() {
        return (BitSet) nodes.clone();
    }

    /** {@return the node with the highest number, or nothing if the set is empty} */
    public OptionalInt highest() {
        return isEmpty() ? OptionalInt.empty() : OptionalInt.of(nodes.length() - 1);
    }

    /**
     * {@return the set as a bit mask: bit <i>n</i> of word <i>n</i>/64 stands for node <i>n</i>} The last word is not 0;
     * the empty set has no words.
     */
    public long[] toLongArray() {
        return nodes.toLongArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NodeSet set && nodes.equals(set.nodes);
    }

    @Override
    public int hashCode() {
        return nodes.hashCode();
    }

    /** {@return the list as the kernel prints it, for example {@code 0-3,8}} */
    @Override
    public String toString() {
        return NumberList.format(nodes);
    }
}
