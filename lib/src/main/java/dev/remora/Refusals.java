package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.Layout;
import dev.remora.procfs.MappingFlags;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why the kernel refused a range. What it has to read for that it reads once in a verb, and only when
 * something was refused.
 */
final class Refusals {

    private final PinnedProcess process;
    private final Advice advice;

    private boolean layoutRead;
    private @Nullable Layout layout;
    private boolean processGone;

    private boolean flagsRead;
    private @Nullable MappingFlags flags;

    private boolean adviceKnown;

    Refusals(PinnedProcess process, Advice advice) {
        this.process = process;
        this.advice = advice;
    }

    /** Cuts a range at the borders of the mappings; null if the layout cannot be read. */
    @Nullable
    RangeParts parts(long address, long byteSize) {
        if (!layoutRead) {
            layoutRead = true;
            layout = readLayout();
        }
        if (layout == null) {
            return null;
        }
        var parts = new RangeParts();
        layout.split(address, byteSize, parts);
        return parts;
    }

    private @Nullable Layout readLayout() {
        try {
            return Layout.read(process.directory());
        } catch (ErrnoException failure) {
            processGone = ProcDirectory.meansGone(failure);
            return null;
        }
    }

    /** Whether the layout could not be read because the process is gone. */
    boolean processGone() {
        return processGone;
    }

    /** Why a range that lies in one mapping was refused. */
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
        MappingFlags known = flags();
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

    private @Nullable MappingFlags flags() {
        if (!flagsRead) {
            flagsRead = true;
            try {
                flags = MappingFlags.read(process.directory());
            } catch (ErrnoException unreadable) {
                flags = null;
            }
        }
        return flags;
    }

    /** EINVAL may also mean that the kernel is too old for the advice; then nothing can succeed. */
    void requireKnownAdvice(BooleanSupplier known) {
        if (!adviceKnown && !known.getAsBoolean()) {
            throw Failures.unknownAdvice(advice);
        }
        adviceKnown = true;
    }
}
