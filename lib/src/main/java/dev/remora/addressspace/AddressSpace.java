package dev.remora.addressspace;

import dev.remora.text.Printable;
import dev.remora.text.TextTable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The mappings of a process at the time they were read, or those of them that a selection matched: in ascending order
 * of address, none overlapping another.
 *
 * <p>The kernel hands the list out in parts, so a process that maps and unmaps meanwhile may show a mapping from before
 * a change beside one from after it.
 *
 * @param mappings the mappings
 */
public record AddressSpace(List<Mapping> mappings) implements Iterable<Mapping> {

    /**
     * Creates an address space.
     *
     * @throws IllegalArgumentException if the mappings overlap, or are not in ascending order
     */
    public AddressSpace {
        mappings = List.copyOf(mappings);
        for (int i = 1; i < mappings.size(); i++) {
            if (Long.compareUnsigned(mappings.get(i - 1).end(), mappings.get(i).address()) > 0) {
                throw new IllegalArgumentException("Mappings come in ascending order and do not overlap, but "
                        + mappings.get(i - 1) + " is followed by " + mappings.get(i));
            }
        }
    }

    /** {@return the mappings in ascending order} */
    @Override
    public Iterator<Mapping> iterator() {
        return mappings.iterator();
    }

    /** {@return the mappings in ascending order} */
    public Stream<Mapping> stream() {
        return mappings.stream();
    }

    /** {@return the number of mappings} */
    public int size() {
        return mappings.size();
    }

    /** {@return the bytes of address space that the mappings cover, whether or not there is memory behind them} */
    public long byteSize() {
        return stream().mapToLong(Mapping::byteSize).sum();
    }

    /** {@return a table of the first mappings} */
    @Override
    public String toString() {
        var table = new TextTable(Printable.count(size(), "mapping") + ", " + ByteSize.format(byteSize()), "<<><");
        for (Mapping mapping : mappings) {
            if (table.full()) {
                table.leaveOut(1);
            } else {
                String protection = mapping.protection() + (mapping.shared() ? "s" : "p");
                table.row(mapping.range().toString(), protection, ByteSize.format(mapping.byteSize()), mapping.name());
            }
        }
        return table.toString();
    }
}
