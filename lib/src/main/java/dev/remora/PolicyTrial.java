package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MemoryMaps;
import dev.remora.syscall.MemoryPolicies;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Finds out whether this kernel knows a policy: sets it for a page of our own, with nodes that we may use. */
final class PolicyTrial {

    private final Kernel kernel;
    private final long pageSize;

    PolicyTrial(Kernel kernel, long pageSize) {
        this.kernel = kernel;
        this.pageSize = pageSize;
    }

    /**
     * Throws {@link UnsupportedKernelException} if it does not.
     *
     * @param allowed the nodes on which this process may have memory
     */
    void requireKnown(MemoryPolicy policy, NodeSet allowed) {
        var maps = new MemoryMaps(kernel);
        long page = maps.reserve(pageSize);
        try (Arena arena = Arena.ofConfined()) {
            NodeSet nodes = policy.nodes().isEmpty() ? NodeSet.empty() : allowed;
            MemorySegment mask = MemoryPolicies.mask(nodes.toLongArray(), arena);
            requireTaken(policy, "mbind", MemoryPolicies.bind(kernel, page, pageSize, policy.mode(), mask, 0));
            if (policy.homeNode().isPresent()) {
                int node = allowed.stream().findFirst().orElse(0);
                requireTaken(policy, "set_mempolicy_home_node", MemoryPolicies.homeNode(kernel, page, pageSize, node));
            }
        } finally {
            maps.unmap(page, pageSize);
        }
    }

    private static void requireTaken(MemoryPolicy policy, String call, long result) {
        int errno = (int) -result;
        if (result >= 0) {
            return;
        }
        var failure = new ErrnoException(call, policy + ", a page of this process", errno);
        throw errno == Linux.EINVAL() || errno == Linux.ENOSYS()
                ? Failures.unknownPolicy(policy, failure)
                : Failures.other(failure);
    }
}
