package dev.remora;

import dev.remora.process.PinnedProcess;
import dev.remora.procfs.HostSwap;
import dev.remora.procfs.MappingDetails;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Looks at memory before and after advice. */
final class EffectMeter {

    private final Kernel kernel;
    private final PinnedProcess process;
    private final RangeList ranges;
    private final MemoryUse before;
    private final Optional<HostSwap> swapBefore;

    /** Has looked for the first time. */
    EffectMeter(Kernel kernel, PinnedProcess process, RangeList ranges, MappingDetails details) {
        this.kernel = kernel;
        this.process = process;
        this.ranges = ranges;
        before = TouchedMappings.of(details, ranges).use();
        swapBefore = HostSwap.read(kernel);
    }

    private MemoryUse use() {
        return TouchedMappings.of(MappingDetails.read(process.directory()), ranges)
                .use();
    }

    /** Looks once more; empty if the process is gone since. */
    Optional<AdviceEffect> effect(Duration elapsed, Duration cpuTime) {
        Optional<HostSwap> swapAfter = HostSwap.read(kernel);
        try {
            return Optional.of(new AdviceEffect(before, use(), used(swapAfter), zram(swapAfter), elapsed, cpuTime));
        } catch (ErrnoException goneSince) {
            return Optional.empty();
        }
    }

    private OptionalLong used(Optional<HostSwap> after) {
        return swapBefore.isPresent() && after.isPresent()
                ? OptionalLong.of(swapBefore.get().freeBytes() - after.get().freeBytes())
                : OptionalLong.empty();
    }

    private OptionalLong zram(Optional<HostSwap> after) {
        OptionalLong had = swapBefore.map(HostSwap::zramBytes).orElseGet(OptionalLong::empty);
        OptionalLong has = after.map(HostSwap::zramBytes).orElseGet(OptionalLong::empty);
        return had.isPresent() && has.isPresent()
                ? OptionalLong.of(has.getAsLong() - had.getAsLong())
                : OptionalLong.empty();
    }
}
