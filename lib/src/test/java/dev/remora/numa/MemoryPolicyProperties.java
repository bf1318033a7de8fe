package dev.remora.numa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class MemoryPolicyProperties {

    private static final int MODE_FLAGS = 0xe000;

    @Property(tries = 1000)
    void everyPolicyIsReadBackFromItsText(@ForAll("policies") MemoryPolicy policy) {
        assertThat(MemoryPolicy.parse(policy.toString())).isEqualTo(policy).hasToString(policy.toString());
    }

    /** What {@code sanitize_mpol_flags} and {@code mpol_new} of the kernel demand of any call. */
    @Property(tries = 1000)
    void everyPolicyIsOneTheKernelTakes(@ForAll("policies") MemoryPolicy policy) {
        int flags = policy.mode() & MODE_FLAGS;
        int mode = policy.mode() & ~MODE_FLAGS;
        assertThat(mode).isBetween(0, 6);
        assertThat(flags & 0xc000).as("static and relative").isNotEqualTo(0xc000);
        if ((flags & 0x2000) != 0) {
            assertThat(mode).as("modes that can be balancing").isIn(2, 5);
        }
        boolean withoutNodes = mode == 0 || mode == 4;
        assertThat(policy.nodes().isEmpty()).isEqualTo(withoutNodes);
        if (withoutNodes) {
            assertThat(flags).isZero();
        }
    }

    @Provide
    Arbitrary<MemoryPolicy> policies() {
        Arbitrary<NodeNumbers> numbers = Arbitraries.of(NodeNumbers.class);
        Arbitrary<Boolean> balancing = Arbitraries.of(true, false);
        Arbitrary<Integer> node = Arbitraries.integers().between(0, 1023);
        Arbitrary<Set<Integer>> several = node.set().ofMinSize(1).ofMaxSize(20);
        Arbitrary<NodeSet> nodes = several.map(NodeSet::of);
        OptionalInt nowhere = OptionalInt.empty();
        return Arbitraries.oneOf(
                Arbitraries.of(MemoryPolicy.systemDefault(), MemoryPolicy.local()),
                Combinators.combine(node, numbers).as(MemoryPolicy.Preferred::new),
                Combinators.combine(nodes, numbers).as(MemoryPolicy.Interleave::new),
                Combinators.combine(nodes, numbers).as(MemoryPolicy.WeightedInterleave::new),
                Combinators.combine(nodes, numbers, balancing)
                        .as((set, kind, moves) -> new MemoryPolicy.Bind(set, kind, moves, nowhere)),
                Combinators.combine(nodes, numbers, balancing)
                        .as((set, kind, moves) -> new MemoryPolicy.PreferredMany(set, kind, moves, nowhere)));
    }
}
