package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.process.PinnedProcess;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.ProcessMbind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A policy that the kernel sets for the process. */
final class CalledPlacement extends PlacementVerb {

    private final ProcessMbind call;
    private final MemorySegment mask;

    CalledPlacement(PinnedProcess process, Placement placement, ProcessMbind call, Arena arena) {
        super(process, placement);
        this.call = call;
        mask = MemoryPolicies.mask(placement.policy().nodes().toLongArray(), arena);
    }

    @Override
    String call() {
        return "process_mbind";
    }

    /** A range that is larger, and begins with a huge page, is cut between huge pages. */
    @Override
    public long maxBytes(long pageSize) {
        return ByteSize.GiB;
    }

    @Override
    public long ask(IoVectors ranges) {
        return call.call(
                process.pidFd().descriptor(), ranges, placement.policy().mode(), mask, placement.flags());
    }
}
