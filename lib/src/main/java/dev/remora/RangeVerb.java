package dev.remora;

import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.IoVectors;
import org.jspecify.annotations.Nullable;

/**
 * What a verb asks of the kernel for ranges, and what it makes of the answers. {@link RangeRun} does the rest.
 *
 * @param <P> what tells what became of a range
 */
interface RangeVerb<P> {

    /** Asks for all ranges. Returns the bytes of the ranges that succeeded whole, up to the first that did not, or −errno. */
    long ask(IoVectors ranges);

    /** How many bytes one question may be about. */
    default long maxBytes(long pageSize) {
        return IoVectors.maxBytes(pageSize);
    }

    /** What to throw when nothing can be done at all. */
    ErrnoException failure(int ranges, int errno);

    /** Throws what explains it if this kernel cannot do what is asked, whatever the range. */
    void requireSupported();

    /** Cuts a range at the borders of the mappings; null if the layout cannot be read. */
    @Nullable
    RangeList parts(long address, long byteSize);

    /** Whether something could not be found out because the process is gone. */
    boolean processGone();

    /** About the range at an address. */
    Verdict<P> done(long address);

    Verdict<P> skipped(SkipReason reason, int errno);

    Verdict<P> notReached();

    /** Whether it came to its end, although the process lives and may be asked; {@link #forbidden} is for the rest. */
    default boolean endedMidway() {
        return false;
    }

    /** For what is left when nothing more can be done, although the process lives. */
    Verdict<P> forbidden();

    /** What became of a range that lies in one mapping and was refused when it was asked for alone. */
    Verdict<P> refused(long address, int errno);
}
