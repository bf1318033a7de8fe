package dev.remora;

import dev.remora.process.PinnedProcess;
import dev.remora.procfs.CgroupSwap;
import dev.remora.procfs.HostSwap;
import dev.remora.procfs.MappingDetail;
import dev.remora.procfs.MappingDetails;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Keeps memory from being paged out to where there is no room for it. */
final class SwapCheck {

    /** What is read first, and usually is enough. */
    private static final List<String> FILES =
            List.of("/proc/swaps", "/proc/PID/cgroup", "/proc/self/mountinfo", "memory.swap.max of cgroups");

    private final Kernel kernel;
    private final PinnedProcess process;
    private final @Nullable MappingDetails known;
    private final List<String> reads = new ArrayList<>();

    /** With details that were just read, or without. */
    SwapCheck(Kernel kernel, PinnedProcess process, @Nullable MappingDetails known) {
        this.kernel = kernel;
        this.process = process;
        this.known = known;
    }

    /**
     * Returns the ranges, in which what needs swap is left out if there is not enough. What is not known does not count.
     *
     * @param instead what is done with that, which tells the reason to name for each address
     */
    RangeList guard(RangeList ranges, Function<RangeList, LongFunction<SkipReason>> instead) {
        reads.addAll(FILES);
        long ofHost = HostSwap.read(kernel).map(HostSwap::freeBytes).orElse(Long.MAX_VALUE);
        long room = Math.min(ofHost, CgroupSwap.roomBytes(kernel, process.directory()));
        MappingDetails details = room >= ranges.totalBytes() ? null : details();
        if (details == null || TouchedMappings.of(details, ranges).needingSwapBytes() <= room) {
            return ranges;
        }
        var needing = new RangeList(16);
        RangeList cut = CutRanges.of(ranges, details, (from, to, mapping, result) -> {
            if (needsSwap(mapping)) {
                needing.add(from, to - from);
            }
            return false;
        });
        LongFunction<SkipReason> reasons = instead.apply(needing);
        return CutRanges.of(cut, details, (from, to, mapping, result) -> {
            if (needsSwap(mapping)) {
                result.addLeftOut(from, to - from, reasons.apply(from).number());
            }
            return needsSwap(mapping);
        });
    }

    /** Null if they cannot be read: then the kernel does not take the advice either. */
    private @Nullable MappingDetails details() {
        if (known != null) {
            return known;
        }
        reads.addAll(MappingDetails.FILES);
        try {
            return MappingDetails.read(process.directory());
        } catch (ErrnoException unreadable) {
            return null;
        }
    }

    /** The files that were read. */
    List<String> reads() {
        return reads;
    }

    private static boolean needsSwap(@Nullable MappingDetail mapping) {
        return mapping != null && mapping.kind() != MappingDetail.Kind.FILE && mapping.residentBytes() > 0;
    }
}
