package dev.remora.addressspace;

import dev.remora.text.Printable;
import dev.remora.text.TextTable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How many mappings of each kind there are, and how much address space they cover. It is address space, not memory: what
 * is behind it may be in RAM, in swap, in a file, or nowhere yet.
 *
 * @param totals one for each kind that occurs, the one that covers most first
 */
public record AddressSpaceSummary(List<Total> totals) {

    /**
     * The mappings of one kind together.
     *
     * @param kind the kind
     * @param count how many there are
     * @param byteSize how many bytes of address space they cover
     */
    public record Total(MappingKind kind, long count, long byteSize) {

        private Total plus(Total other) {
            return new Total(kind, count + other.count, byteSize + other.byteSize);
        }
    }

    /** Creates a summary. */
    public AddressSpaceSummary {
        totals = List.copyOf(totals);
    }

    static AddressSpaceSummary of(Iterable<Mapping> mappings) {
        Map<MappingKind, Total> totals = new EnumMap<>(MappingKind.class);
        for (Mapping mapping : mappings) {
            MappingKind kind = mapping.kind();
            totals.merge(kind, new Total(kind, 1, mapping.byteSize()), Total::plus);
        }
        List<Total> sorted = new ArrayList<>(totals.values());
        sorted.sort((one, other) -> Long.compare(other.byteSize, one.byteSize));
        return new AddressSpaceSummary(sorted);
    }

    /**
     * {@return the total of one kind} Its numbers are 0 if there is no such mapping.
     *
     * @param kind the kind
     */
    public Total of(MappingKind kind) {
        return totals.stream().filter(total -> total.kind == kind).findFirst().orElse(new Total(kind, 0, 0));
    }

    /** {@return the number of mappings of all kinds} */
    public long count() {
        return totals.stream().mapToLong(Total::count).sum();
    }

    /** {@return the bytes of address space that the mappings of all kinds cover} */
    public long byteSize() {
        return totals.stream().mapToLong(Total::byteSize).sum();
    }

    /** {@return a table of the kinds} */
    @Override
    public String toString() {
        var table = new TextTable(Printable.count(count(), "mapping") + ", " + ByteSize.format(byteSize()), "<>>");
        totals.forEach(
                total -> table.row(total.kind.name(), Long.toString(total.count), ByteSize.format(total.byteSize)));
        return table.toString();
    }
}
