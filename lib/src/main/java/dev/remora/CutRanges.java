package dev.remora;

import dev.remora.procfs.MappingDetail;
import dev.remora.procfs.MappingDetails;
import dev.remora.procfs.RangeList;
import org.jspecify.annotations.Nullable;

/** The ranges of a request, cut at the borders of mappings, each piece to be taken as it is or in another way. */
final class CutRanges {

    /** Adds to the new list what becomes of a piece; false if the piece is to stay as it is. */
    interface Cutter {
        boolean replace(long from, long to, @Nullable MappingDetail mapping, RangeList result);
    }

    private CutRanges() {}

    /** Makes a list of the same bytes in the same order, in which the pieces of a range count as parts of it. */
    static RangeList of(RangeList ranges, MappingDetails details, Cutter cutter) {
        var result = new RangeList(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            int range = i;
            long from = ranges.address(i);
            result.begin(ranges.continues(i));
            if (ranges.leftOut(i)) {
                result.addPartOf(ranges, i, from, ranges.byteSize(i));
            } else {
                details.cut(from, from + ranges.byteSize(i), (begin, end, mapping) -> {
                    if (!cutter.replace(begin, end, mapping, result)) {
                        result.addPartOf(ranges, range, begin, end - begin);
                    }
                    result.begin(true);
                });
            }
        }
        return result;
    }
}
