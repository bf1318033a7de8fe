package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MemoryRange;
import dev.remora.preconditions.SkipWithoutRightToAdvise;
import dev.remora.sandbox.SandboxedProcess;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AddLifecycleHook;

/** However a real layout is cut into ranges: the same bytes are advised, and the others are skipped as holes. */
@Tag("kernel")
@AddLifecycleHook(SkipWithoutRightToAdvise.class)
final class AdviceKernelProperties {

    private static final int PAGES = 512;

    @Provide
    Arbitrary<List<Integer>> holes() {
        return Arbitraries.integers()
                .between(0, PAGES - 1)
                .list()
                .uniqueElements()
                .ofMaxSize(60);
    }

    @Provide
    Arbitrary<List<Integer>> lengths() {
        return Arbitraries.integers().between(1, 64).list().ofSize(PAGES);
    }

    @Property(tries = 5)
    void anySplitOfALayoutAdvisesTheSameBytes(
            @ForAll("holes") List<Integer> holes,
            @ForAll("lengths") List<Integer> lengths,
            @ForAll("lengths") List<Integer> otherLengths) {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            long page = memory.pageSize();
            MemoryRange range = child.map(PAGES * page);
            for (int hole : holes) {
                child.unmap(MemoryRange.of(range.address() + hole * page, page));
            }
            for (List<Integer> split : List.of(lengths, otherLengths, List.of(PAGES))) {
                assertThat(advised(memory, split(range, page, split))).isEqualTo(mapped(holes));
            }
        }
    }

    private static BitSet mapped(List<Integer> holes) {
        var mapped = new BitSet();
        mapped.set(0, PAGES);
        holes.forEach(mapped::clear);
        return mapped;
    }

    private static List<MemoryRange> split(MemoryRange range, long page, List<Integer> lengths) {
        List<MemoryRange> ranges = new ArrayList<>();
        long at = range.address();
        for (int length : lengths) {
            if (at == range.end()) {
                break;
            }
            ranges.add(MemoryRange.of(at, Math.min(length * page, range.end() - at)));
            at = ranges.getLast().end();
        }
        return ranges;
    }

    private static BitSet advised(RemoteMemory memory, List<MemoryRange> ranges) {
        AdviceOutcome outcome = memory.ranges(ranges).markCold();
        assertThat(outcome.requestedBytes()).isEqualTo(PAGES * memory.pageSize());
        assertThat(outcome.skipped()).allMatch(part -> part.reason() == SkipReason.HOLE);
        var advised = new BitSet();
        for (RangeOutcome part : outcome.parts()) {
            int first = pageIn(ranges, part.range().address(), memory.pageSize());
            int count = (int) (part.range().byteSize() / memory.pageSize());
            advised.set(first, first + count, part instanceof RangeOutcome.Advised);
        }
        return advised;
    }

    private static int pageIn(List<MemoryRange> ranges, long address, long page) {
        return (int) ((address - ranges.getFirst().address()) / page);
    }
}
