package dev.remora;

import dev.remora.addressspace.MemoryRange;

/**
 * What became of some bytes. Neighbouring bytes with equal verdicts are told of together.
 *
 * @param <P> what tells a caller what became of a range
 */
interface Verdict<P> {

    /** How bytes count. */
    enum Tally {
        DONE,
        SKIPPED,
        NOT_REACHED
    }

    Tally tally();

    /** Tells it of a range. */
    P of(MemoryRange range);
}
