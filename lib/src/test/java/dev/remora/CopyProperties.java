package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MemoryRange;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Whatever is mapped, and whatever is asked for: each byte is copied, or named as not copied, and never both. */
final class CopyProperties {

    private static final int PAGES = 16;
    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long BASE = 0x10_0000_0000L;

    enum Page {
        MAPPED,
        HOLE,
        UNREACHABLE
    }

    @Property(tries = 300)
    void eachByteIsCopiedOrNamed(
            @ForAll @Size(PAGES) List<Page> layout,
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 60_000) Integer> starts,
            @ForAll @IntRange(min = 1, max = 5000) int byteSize,
            @ForAll @LongRange(min = 1, max = 9000) long mostAtOnce) {
        var kernel = new SimulatedCopies();
        kernel.result = bytes -> Math.min(bytes, mostAtOnce);
        for (int i = 0; i < PAGES; i++) {
            if (layout.get(i) != Page.HOLE) {
                kernel.kernel.map(BASE + i * PAGE, PAGE, SimulatedKernel.Kind.PLAIN);
            }
            if (layout.get(i) == Page.UNREACHABLE) {
                kernel.unreachable.add(BASE + i * PAGE);
            }
        }
        List<MemoryRange> ranges = new ArrayList<>();
        starts.forEach(start -> ranges.add(MemoryRange.of(BASE + start, byteSize)));
        byte[] target = new byte[ranges.size() * byteSize];
        try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
            CopyOutcome outcome = memory.read(ranges, MemorySegment.ofArray(target));
            int missing = 0;
            for (int i = 0; i < target.length; i++) {
                long address = ranges.get(i / byteSize).address() + i % byteSize;
                Page page = address < BASE + PAGES * PAGE ? layout.get((int) ((address - BASE) / PAGE)) : Page.HOLE;
                assertThat(target[i]).isEqualTo(page == Page.MAPPED ? SimulatedCopies.at(address) : 0);
                missing += page == Page.MAPPED ? 0 : 1;
                if (page != Page.MAPPED) {
                    var reason = page == Page.HOLE ? CopyObstacle.HOLE : CopyObstacle.UNREACHABLE;
                    assertThat(outcome.uncopied())
                            .anyMatch(part -> part.range().contains(address) && part.obstacle() == reason);
                }
            }
            assertThat(outcome.copiedBytes()).isEqualTo(target.length - missing);
            assertThat(outcome.complete()).isEqualTo(missing == 0);
        }
    }
}
