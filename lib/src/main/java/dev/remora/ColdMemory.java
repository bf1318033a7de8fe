package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.text.TextTable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Which memory a process did not use since a mark, mapping by mapping.
 *
 * {@snippet file="Pages.java" region="cold"}
 *
 * <p>When memory is scarce, the kernel clears the same marks of the processor to find out what to take: then memory that was used
 * early after the mark can look cold.
 *
 * @param since how long the mark was ago
 * @param mappings all selected mappings that the mark covers; one of which several parts are selected is there for each
 */
public record ColdMemory(Duration since, List<UsedMapping> mappings) {

    /** Keeps a copy of the list. */
    public ColdMemory {
        mappings = List.copyOf(mappings);
    }

    /** {@return the mappings that are in RAM, at least in part, and were not used at all; for another selection} */
    public List<MemoryRange> ranges() {
        return mappings.stream()
                .filter(UsedMapping::cold)
                .map(UsedMapping::range)
                .toList();
    }

    /** {@return how much of those that are cold is in RAM} Each mapping counts once and as a whole. */
    public long coldBytes() {
        return sum(each -> each.cold() ? each.residentBytes() : 0);
    }

    /** {@return how much of all these mappings is in RAM} Each counts once and as a whole. */
    public long residentBytes() {
        return sum(UsedMapping::residentBytes);
    }

    /** {@return how much of that was used} */
    public long usedBytes() {
        return sum(UsedMapping::usedBytes);
    }

    private long sum(ToLongFunction<UsedMapping> bytes) {
        Set<MemoryRange> counted = new HashSet<>();
        return mappings.stream()
                .filter(each -> counted.add(each.mapping()))
                .mapToLong(bytes)
                .sum();
    }

    /** {@return a table of the mappings that are in RAM} */
    @Override
    public String toString() {
        var table = new TextTable(
                ByteSize.format(coldBytes()) + " of " + ByteSize.format(residentBytes()) + " in mappings not used for "
                        + since.toMillis() + " ms",
                "<>><");
        for (UsedMapping each : mappings) {
            if (each.residentBytes() > 0) {
                table.row(
                        each.range().toString(),
                        ByteSize.format(each.residentBytes()),
                        each.cold() ? "cold" : ByteSize.format(each.usedBytes()) + " used",
                        each.name());
            }
        }
        return table.toString();
    }
}
