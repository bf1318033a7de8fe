package dev.remora.numa;

import dev.remora.bindings.Linux;
import java.util.Arrays;
import java.util.OptionalInt;

/** Reads the number that the kernel has for a policy. */
final class PolicyNumber {

    private static final int FLAGS =
            Linux.MPOL_F_STATIC_NODES() | Linux.MPOL_F_RELATIVE_NODES() | Linux.MPOL_F_NUMA_BALANCING();

    private PolicyNumber() {}

    /** Kernels before 5.14 tell of a policy without nodes as of a preferred node that is none: that is the local one. */
    static MemoryPolicy policy(int number, NodeSet nodes) {
        NodeNumbers numbers = Arrays.stream(NodeNumbers.values())
                .filter(candidate -> candidate != NodeNumbers.REMAPPED && (number & candidate.flag()) != 0)
                .findFirst()
                .orElse(NodeNumbers.REMAPPED);
        boolean balancing = (number & Linux.MPOL_F_NUMA_BALANCING()) != 0;
        int mode = number & ~FLAGS;
        if (mode == Linux.MPOL_DEFAULT()) {
            return MemoryPolicy.systemDefault();
        }
        if (mode == Linux.MPOL_LOCAL() || (mode == Linux.MPOL_PREFERRED() && nodes.isEmpty())) {
            return MemoryPolicy.local();
        }
        if (mode == Linux.MPOL_PREFERRED()) {
            return new MemoryPolicy.Preferred(nodes.stream().findFirst().orElseThrow(), numbers);
        }
        if (mode == Linux.MPOL_PREFERRED_MANY()) {
            return new MemoryPolicy.PreferredMany(nodes, numbers, balancing, OptionalInt.empty());
        }
        if (mode == Linux.MPOL_BIND()) {
            return new MemoryPolicy.Bind(nodes, numbers, balancing, OptionalInt.empty());
        }
        if (mode == Linux.MPOL_INTERLEAVE()) {
            return new MemoryPolicy.Interleave(nodes, numbers);
        }
        if (mode == Linux.MPOL_WEIGHTED_INTERLEAVE()) {
            return new MemoryPolicy.WeightedInterleave(nodes, numbers);
        }
        throw new IllegalStateException("This kernel has a memory policy that Remora does not know: mode " + mode);
    }
}
