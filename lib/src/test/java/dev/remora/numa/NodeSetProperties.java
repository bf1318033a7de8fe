package dev.remora.numa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The model: a sorted set of integers. */
final class NodeSetProperties {

    @Property(tries = 500)
    void textAndBitsAreReadBack(@ForAll Set<@IntRange(max = 1023) Integer> nodes) {
        var set = NodeSet.of(nodes);
        assertThat(NodeSet.parse(set.toString())).isEqualTo(set).hasSameHashCodeAs(set);
        assertThat(NodeSet.ofLongArray(set.toLongArray())).isEqualTo(set);
        assertThat(set.stream()).containsExactlyElementsOf(new TreeSet<>(nodes));
        assertThat(set.size()).isEqualTo(nodes.size());
        assertThat(set.isEmpty()).isEqualTo(nodes.isEmpty());
        assertThat(set.highest().stream().boxed())
                .isEqualTo(nodes.stream().max(Integer::compare).stream().toList());
    }

    @Property(tries = 500)
    void combinesAsSetsDo(
            @ForAll Set<@IntRange(max = 130) Integer> left, @ForAll Set<@IntRange(max = 130) Integer> right) {
        var union = new TreeSet<>(left);
        union.addAll(right);
        var intersection = new TreeSet<>(left);
        intersection.retainAll(right);
        var difference = new TreeSet<>(left);
        difference.removeAll(right);
        var set = NodeSet.of(left);
        var other = NodeSet.of(right);
        assertThat(set.union(other)).isEqualTo(NodeSet.of(union));
        assertThat(set.intersection(other)).isEqualTo(NodeSet.of(intersection));
        assertThat(set.without(other)).isEqualTo(NodeSet.of(difference));
        assertThat(set.containsAll(other)).isEqualTo(left.containsAll(right));
    }

    /** Whatever is between two nodes without a gap is printed as one range, and nothing else is. */
    @Property(tries = 500)
    void printsAsFewRangesAsPossible(@ForAll Set<@IntRange(max = 40) Integer> nodes) {
        long ranges = nodes.stream().filter(node -> !nodes.contains(node - 1)).count();
        String text = NodeSet.of(nodes).toString();
        assertThat(text.isEmpty() ? 0 : text.split(",", -1).length).isEqualTo((int) ranges);
    }
}
