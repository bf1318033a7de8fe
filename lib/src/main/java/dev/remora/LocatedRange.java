package dev.remora;

import dev.remora.addressspace.MemoryRange;

/** Neighbouring pages that are at the same place. */
public sealed interface LocatedRange {

    /** {@return the pages} */
    MemoryRange range();

    /**
     * Pages in RAM.
     *
     * @param range the pages
     * @param node the NUMA node on which they are
     */
    record OnNode(MemoryRange range, int node) implements LocatedRange {}

    /**
     * Pages that are mapped and not in RAM: never touched, in swap, or only read so far, which all share one page.
     *
     * @param range the pages
     */
    record NotPresent(MemoryRange range) implements LocatedRange {}

    /**
     * Nothing is mapped there.
     *
     * @param range the pages
     */
    record Unmapped(MemoryRange range) implements LocatedRange {}

    /**
     * The kernel does not say.
     *
     * @param range the pages
     * @param errno what it answered, as in {@code errno(3)}; 0 where it was not asked
     */
    record Unknown(MemoryRange range, int errno) implements LocatedRange {}
}
