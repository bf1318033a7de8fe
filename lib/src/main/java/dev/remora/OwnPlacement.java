package dev.remora;

import dev.remora.process.PinnedProcess;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MemoryPolicies;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A policy for memory of this process. */
final class OwnPlacement extends PlacementVerb.OneByOne {

    private final Kernel kernel;
    private final MemorySegment mask;

    OwnPlacement(Kernel kernel, PinnedProcess self, Placement placement, Arena arena) {
        super(self, placement);
        this.kernel = kernel;
        mask = MemoryPolicies.mask(placement.policy().nodes().toLongArray(), arena);
    }

    @Override
    String call() {
        return "mbind";
    }

    @Override
    long bind(long address, long byteSize) {
        return MemoryPolicies.bind(kernel, address, byteSize, placement.policy().mode(), mask, placement.flags());
    }

    @Override
    long setHomeNode(long address, long byteSize, int node) {
        return MemoryPolicies.homeNode(kernel, address, byteSize, node);
    }
}
