package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.PageStates;
import dev.remora.procfs.PageSurvey;
import dev.remora.procfs.RangeList;
import dev.remora.text.TextTable;
import java.util.AbstractList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.RandomAccess;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * In which state the pages of some memory of a process were, when it was looked at: in RAM, in swap, and what else the kernel
 * tells of them.
 *
 * {@snippet file="Pages.java" region="residency"}
 *
 * <p>What the page table of the process has no entry for is not there: it was never touched, was given back, or belongs to a
 * file or shared memory and may be in RAM all the same, only not mapped by this process.
 */
public final class Residency {

    private final PageStates states;
    private final long selectedBytes;
    private final Set<PageFact> unknown;

    Residency(PageSurvey survey, RangeList ranges) {
        states = survey.states();
        selectedBytes = ranges.askedBytes();
        unknown = Collections.unmodifiableSet(facts(survey.unknown()));
    }

    private static EnumSet<PageFact> facts(int bits) {
        var facts = EnumSet.noneOf(PageFact.class);
        for (PageFact fact : PageFact.values()) {
            if ((bits & fact.bit()) != 0) {
                facts.add(fact);
            }
        }
        return facts;
    }

    /** {@return how many bytes of address space were looked at} */
    public long selectedBytes() {
        return selectedBytes;
    }

    /** {@return how many bytes are in RAM, the page of zeros included} */
    public long presentBytes() {
        return states.bytes(PageStates.PRESENT);
    }

    /** {@return how many bytes are in swap, as {@link PageFact#SWAPPED} has it} */
    public long swappedBytes() {
        return states.bytes(PageStates.SWAPPED);
    }

    /**
     * {@return for how many bytes something holds} Empty if this kernel does not tell.
     *
     * @param fact what is to hold
     */
    public OptionalLong bytes(PageFact fact) {
        return unknown.contains(fact) ? OptionalLong.empty() : OptionalLong.of(states.bytes(fact.bit()));
    }

    /** {@return what this kernel does not tell, or not in the way it had to be asked} */
    public Set<PageFact> unknown() {
        return unknown;
    }

    /** {@return all pages of which there is something to tell, in the order of the request} */
    public List<PageRange> ranges() {
        return new Ranges();
    }

    /**
     * {@return the pages for which something holds, for another selection; neighbours are one range}
     *
     * @param fact what is to hold
     */
    public List<MemoryRange> ranges(PageFact fact) {
        var joined = new JoinedRanges();
        IntStream.range(0, states.size())
                .filter(i -> (states.state(i) & fact.bit()) != 0)
                .forEach(i -> joined.add(states.from(i), states.to(i)));
        return joined.list();
    }

    /** A view, since there may be very many. */
    private final class Ranges extends AbstractList<PageRange> implements RandomAccess {

        @Override
        public PageRange get(int index) {
            return new PageRange(MemoryRange.between(states.from(index), states.to(index)), facts(states.state(index)));
        }

        @Override
        public int size() {
            return states.size();
        }
    }

    /** {@return a table of the sizes} */
    @Override
    public String toString() {
        var table = new TextTable("of " + ByteSize.format(selectedBytes), "><");
        for (PageFact fact : PageFact.values()) {
            OptionalLong bytes = bytes(fact);
            table.row(bytes.isPresent() ? ByteSize.format(bytes.getAsLong()) : "?", fact.words());
        }
        return table.toString();
    }
}
