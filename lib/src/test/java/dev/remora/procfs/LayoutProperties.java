package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MemoryRange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class LayoutProperties {

    private static final long BASE = 0x7f00_0000_0000L;

    @Property(tries = 1000)
    void partsAdjoinAndEachLiesInOneMappingOrIsAHole(
            @ForAll @Size(max = 12) List<@IntRange(max = 9) Integer> gapsAndSizes,
            @ForAll @IntRange(max = 80) int from,
            @ForAll @IntRange(min = 1, max = 60) int byteSize,
            @ForAll boolean withVsyscall) {
        var model = new Model();
        String maps = model.lineUp(gapsAndSizes);
        if (withVsyscall || maps.isEmpty()) {
            maps += "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";
        }
        assertThat(RecordedParts.of(maps, BASE + from, byteSize)).isEqualTo(model.parts(from, from + byteSize));
    }

    /** Which addresses are mapped, and at which of them a mapping begins. */
    private static final class Model {

        private final BitSet mapped = new BitSet();
        private final BitSet begins = new BitSet();

        /** Alternately a gap, which may be empty, and a mapping, which may not. */
        String lineUp(List<Integer> gapsAndSizes) {
            var maps = new StringBuilder();
            int position = 0;
            for (int i = 0; i + 1 < gapsAndSizes.size(); i += 2) {
                int address = position + gapsAndSizes.get(i);
                position = address + gapsAndSizes.get(i + 1) + 1;
                begins.set(address);
                mapped.set(address, position);
                maps.append(Long.toHexString(BASE + address))
                        .append('-')
                        .append(Long.toHexString(BASE + position))
                        .append(" rw-p 00000000 00:00 0 \n");
            }
            return maps.toString();
        }

        List<String> parts(int from, int end) {
            List<String> parts = new ArrayList<>();
            int part = from;
            for (int next = from + 1; next <= end; next++) {
                if (next == end || mapped.get(next) != mapped.get(part) || begins.get(next)) {
                    String kind = mapped.get(part) ? "mapped " : "hole ";
                    parts.add(kind + MemoryRange.between(BASE + part, BASE + next));
                    part = next;
                }
            }
            return parts;
        }
    }
}
