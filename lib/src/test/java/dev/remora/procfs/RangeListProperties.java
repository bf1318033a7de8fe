package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

final class RangeListProperties {

    /** Around the border between the halves of the address space, where signed and unsigned order differ. */
    private static final long BASE = Long.MAX_VALUE - 100;

    @Property(tries = 1000)
    void findsWhatALinearSearchFinds(
            @ForAll List<@IntRange(max = 9) Integer> gapsAndSizes, @ForAll @LongRange(max = 300) long distance) {
        var ranges = new RangeList(1);
        long position = BASE;
        for (int i = 0; i + 1 < gapsAndSizes.size(); i += 2) {
            long byteSize = gapsAndSizes.get(i + 1) + 1L;
            ranges.add(position + gapsAndSizes.get(i), byteSize);
            position += gapsAndSizes.get(i) + byteSize;
        }
        long address = BASE - 10 + distance;
        assertThat(ranges.firstEndingAfter(address)).isEqualTo(linear(ranges, address));
    }

    private static int linear(RangeList ranges, long address) {
        for (int i = 0; i < ranges.size(); i++) {
            if (Long.compareUnsigned(ranges.address(i) + ranges.byteSize(i), address) > 0) {
                return i;
            }
        }
        return ranges.size();
    }
}
