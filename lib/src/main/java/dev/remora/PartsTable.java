package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.text.Printable;
import dev.remora.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How what became of ranges prints: lists them; where they are too many for that, sums them up by their verdict. */
final class PartsTable {

    private PartsTable() {}

    static <P> String of(String headline, List<P> parts, Function<P, MemoryRange> range, Function<P, String> verdict) {
        return parts.size() <= TextTable.MOST_ROWS
                ? list(headline, parts, range, verdict)
                : summary(headline, parts, range, verdict);
    }

    private static <P> String list(
            String headline, List<P> parts, Function<P, MemoryRange> range, Function<P, String> verdict) {
        var table = new TextTable(headline, "<><");
        for (P part : parts) {
            MemoryRange of = range.apply(part);
            table.row(of.toString(), ByteSize.format(of.byteSize()), verdict.apply(part));
        }
        return table.toString();
    }

    private static <P> String summary(
            String headline, List<P> parts, Function<P, MemoryRange> range, Function<P, String> verdict) {
        var groups = parts.stream()
                .collect(Collectors.groupingBy(
                        verdict,
                        LinkedHashMap::new,
                        Collectors.summarizingLong(part -> range.apply(part).byteSize())));
        var table = new TextTable(headline, ">><");
        groups.forEach((words, sizes) ->
                table.row(Printable.count(sizes.getCount(), "part"), ByteSize.format(sizes.getSum()), words));
        return table.toString();
    }
}
