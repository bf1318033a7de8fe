package dev.remora;

import dev.remora.addressspace.MemoryRange;
import java.util.Set;

/**
 * Neighbouring pages of which the same is known.
 *
 * @param range the pages
 * @param facts what holds for each of them
 */
public record PageRange(MemoryRange range, Set<PageFact> facts) {

    /** Keeps a copy of the set. */
    public PageRange {
        facts = Set.copyOf(facts);
    }
}
