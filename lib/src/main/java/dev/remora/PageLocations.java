package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.numa.NodeSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * On which NUMA nodes pages are.
 *
 * @param parts which pages are where, in the order of the request
 */
public record PageLocations(List<LocatedRange> parts) {

    /** {@return how many bytes are on each node that has any} */
    public Map<Integer, Long> bytesByNode() {
        return parts.stream()
                .filter(LocatedRange.OnNode.class::isInstance)
                .map(LocatedRange.OnNode.class::cast)
                .collect(Collectors.groupingBy(
                        LocatedRange.OnNode::node,
                        TreeMap::new,
                        Collectors.summingLong(part -> part.range().byteSize())));
    }

    /**
     * {@return how many bytes are on a node}
     *
     * @param node the number of the node
     */
    public long bytesOn(int node) {
        return bytesByNode().getOrDefault(node, 0L);
    }

    /** {@return the nodes on which there are any} */
    public NodeSet nodes() {
        return NodeSet.of(bytesByNode().keySet());
    }

    /** {@return a table of the parts} */
    @Override
    public String toString() {
        String nodes = bytesByNode().entrySet().stream()
                .map(node -> "node " + node.getKey() + ": " + ByteSize.format(node.getValue()))
                .collect(Collectors.joining(", "));
        return PartsTable.of(
                nodes.isEmpty() ? "no pages in RAM" : nodes, parts, LocatedRange::range, PageLocations::words);
    }

    private static String words(LocatedRange part) {
        return switch (part) {
            case LocatedRange.OnNode on -> "on node " + on.node();
            case LocatedRange.NotPresent _ -> "not in RAM";
            case LocatedRange.Unmapped _ -> "nothing is mapped here";
            case LocatedRange.Unknown _ -> "unknown";
        };
    }
}
