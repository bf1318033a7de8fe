package dev.remora.addressspace;

import dev.remora.text.Printable;
import dev.remora.text.TextTable;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Mappings of a process, in ascending order of address, with the memory behind each.
 *
 * @param mappings the mappings
 */
public record AddressSpaceUse(List<MappingUse> mappings) implements Iterable<MappingUse> {

    /** Creates a list. */
    public AddressSpaceUse {
        mappings = List.copyOf(mappings);
    }

    /** {@return the mappings in ascending order} */
    @Override
    public Iterator<MappingUse> iterator() {
        return mappings.iterator();
    }

    /** {@return the mappings in ascending order} */
    public Stream<MappingUse> stream() {
        return mappings.stream();
    }

    /** {@return the number of mappings} */
    public int size() {
        return mappings.size();
    }

    /** {@return the memory behind all of them} */
    public MemoryBreakdown total() {
        return stream().map(MappingUse::memory).reduce(MemoryBreakdown.NONE, MemoryBreakdown::plus);
    }

    /** {@return a table of the first mappings} */
    @Override
    public String toString() {
        var table = new TextTable(Printable.count(size(), "mapping") + ", " + total(), "<>>>><");
        if (!mappings.isEmpty()) {
            table.row("", "size", "in RAM", "in proportion", "in swap", "");
        }
        for (MappingUse use : mappings) {
            if (table.full()) {
                table.leaveOut(1);
            } else {
                table.row(
                        use.mapping().range().toString(),
                        ByteSize.format(use.mapping().byteSize()),
                        ByteSize.format(use.memory().residentBytes()),
                        ByteSize.format(use.memory().proportionalBytes()),
                        ByteSize.format(use.memory().swappedBytes()),
                        use.mapping().name());
            }
        }
        return table.toString();
    }
}
