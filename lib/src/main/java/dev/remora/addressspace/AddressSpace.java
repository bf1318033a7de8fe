package dev.remora.addressspace;

import dev.remora.text.Printable;
import dev.remora.text.TextTable;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

    /**
     * {@return the mapping in which an address lies} Found by halves, so it is quick in a long list too.
     *
     * @param address any address
     */
    public Optional<Mapping> at(long address) {
        return from(address).filter(mapping -> mapping.range().contains(address));
    }

    /**
     * {@return the mapping in which an address lies, or else the next one above it}
     *
     * @param address any address
     */
    public Optional<Mapping> from(long address) {
        return from(address, MappingQuery.any());
    }

    /**
     * {@return the first mapping that answers a query, of the one in which an address lies and those above it}
     *
     * @param address any address
     * @param query what the mapping must be
     */
    public Optional<Mapping> from(long address, MappingQuery query) {
        Objects.requireNonNull(query, "query");
        return mappings.subList(firstEndingAfter(address), size()).stream()
                .filter(query::matches)
                .findFirst();
    }

    /**
     * {@return the mappings that overlap a range, whole ones}
     *
     * @param range a range
     */
    public AddressSpace overlapping(MemoryRange range) {
        int first = firstEndingAfter(range.address());
        int end = first;
        while (end < size() && Long.compareUnsigned(mappings.get(end).address(), range.end()) < 0) {
            end++;
        }
        return new AddressSpace(mappings.subList(first, end));
    }

    private int firstEndingAfter(long address) {
        int low = 0;
        int high = size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(mappings.get(middle).end(), address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** {@return how many mappings of each kind there are, and how much address space they cover} */
    public AddressSpaceSummary summary() {
        return AddressSpaceSummary.of(this);
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
