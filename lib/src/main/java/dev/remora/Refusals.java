package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MappingFlags;
import dev.remora.procfs.RangeList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why the kernel refused a range. What it has to read for that it reads only when something was refused, and
 * not for every range anew.
 */
final class Refusals {

    private final Advice advice;
    private final ProcessLayout layout;
    private final Snapshot<MappingFlags> flags;

    private boolean adviceKnown;

    Refusals(PinnedProcess process, Advice advice) {
        this.advice = advice;
        layout = new ProcessLayout(process);
        flags = layout.snapshot(MappingFlags::read);
    }

    /** Cuts a range at the borders of the mappings; null if the layout cannot be read. */
    @Nullable
    RangeList parts(long address, long byteSize) {
        return layout.parts(address, byteSize);
    }

    /** Whether something could not be read because the process is gone. */
    boolean processGone() {
        return layout.processGone();
    }

    /** Why a range that lies in one mapping was refused; of no meaning if the process turns out to be gone. */
    SkipReason reason(long address, int errno) {
        if (errno == Linux.EINVAL()) {
            return reasonOfInvalid(address);
        }
        if (errno == Linux.ENOMEM()) {
            return advice == Advice.COLLAPSE ? SkipReason.OUT_OF_MEMORY : SkipReason.LAYOUT_CHANGED;
        }
        if (errno == Linux.EAGAIN() || errno == Linux.EBUSY()) {
            return SkipReason.BUSY;
        }
        return errno == Linux.EBADF() ? SkipReason.NOT_SUPPORTED : SkipReason.REFUSED;
    }

    private SkipReason reasonOfInvalid(long address) {
        MappingFlags known = layout.read(flags);
        if (known == null) {
            return SkipReason.REFUSED;
        }
        if (!known.mapped(address)) {
            return SkipReason.LAYOUT_CHANGED;
        }
        if (known.hugetlb(address)) {
            return SkipReason.HUGETLB;
        }
        if (known.pageFrames(address)) {
            return SkipReason.SPECIAL_MAPPING;
        }
        if (advice == Advice.COLLAPSE) {
            return SkipReason.NOT_COLLAPSIBLE;
        }
        return known.locked(address) ? SkipReason.LOCKED : SkipReason.REFUSED;
    }

    /** EINVAL may also mean that the kernel is too old for the advice; then nothing can succeed. */
    void requireKnownAdvice(BooleanSupplier known) {
        if (!adviceKnown && !known.getAsBoolean()) {
            throw Failures.unknownAdvice(advice);
        }
        adviceKnown = true;
    }
}
