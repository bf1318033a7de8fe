package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.SimulatedKernel.Effect;
import dev.remora.SimulatedKernel.Kind;
import dev.remora.addressspace.MemoryRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** Whatever the layout, however it is cut into ranges, and whatever the kernel answers: the account is right. */
final class AdviceProperties {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long START = 0x10_0000;

    /** Some pages of one kind; no kind is a hole. */
    record Stretch(@Nullable Kind kind, int pages) {}

    @Provide
    Arbitrary<List<Stretch>> layouts() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(6, Kind.PLAIN),
                Tuple.of(1, Kind.LOCKED),
                Tuple.of(1, Kind.HUGETLB),
                Tuple.of(1, Kind.PAGE_FRAMES));
        return Combinators.combine(kinds.injectNull(0.2), Arbitraries.integers().between(1, 40))
                .as(Stretch::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    private static SimulatedKernel kernelWith(List<Stretch> layout) {
        var kernel = new SimulatedKernel().map(0x7fff_0000_0000L, PAGE, Kind.PLAIN, "[stack]");
        long address = START;
        for (Stretch stretch : layout) {
            if (stretch.kind() != null) {
                kernel.map(address, stretch.pages() * PAGE, stretch.kind());
            }
            address += stretch.pages() * PAGE;
        }
        return kernel;
    }

    private static long pages(List<Stretch> layout) {
        return layout.stream().mapToLong(Stretch::pages).sum();
    }

    /** Cuts everything into adjoining ranges of random sizes. */
    private static List<MemoryRange> split(long pages, Random random, int largest) {
        List<MemoryRange> ranges = new ArrayList<>();
        long page = 0;
        while (page < pages) {
            long count = Math.min(pages - page, 1 + random.nextInt(largest));
            ranges.add(MemoryRange.of(START + page * PAGE, count * PAGE));
            page += count;
        }
        return ranges;
    }

    private static AdviceOutcome pageOut(SimulatedKernel kernel, List<MemoryRange> ranges) {
        try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
            return memory.ranges(ranges).pageOut();
        }
    }

    private static @Nullable SkipReason expected(@Nullable Kind kind) {
        return switch (kind) {
            case null -> SkipReason.HOLE;
            case PLAIN -> null;
            case LOCKED -> SkipReason.LOCKED;
            case HUGETLB -> SkipReason.HUGETLB;
            case PAGE_FRAMES -> SkipReason.SPECIAL_MAPPING;
        };
    }

    private static void verdictsFollowTheLayout(SimulatedKernel kernel, AdviceOutcome outcome) {
        for (RangeOutcome part : outcome.parts()) {
            SkipReason reported = part instanceof RangeOutcome.Skipped skipped ? skipped.reason() : null;
            for (long page = part.range().address(); page < part.range().end(); page += PAGE) {
                assertThat(reported).as("page %x", page).isEqualTo(expected(kernel.kindAt(page)));
            }
        }
    }

    private static void partsCover(List<MemoryRange> ranges, AdviceOutcome outcome) {
        var parts = outcome.parts().iterator();
        for (MemoryRange range : ranges) {
            long position = range.address();
            while (position < range.end()) {
                MemoryRange part = parts.next().range();
                assertThat(part.address()).isEqualTo(position);
                position = part.end();
            }
            assertThat(position).isEqualTo(range.end());
        }
        assertThat(parts).isExhausted();
        assertThat(outcome.requestedBytes())
                .isEqualTo(ranges.stream().mapToLong(MemoryRange::byteSize).sum());
    }

    private static void advisedBytesTookEffect(SimulatedKernel kernel, AdviceOutcome outcome) {
        for (RangeOutcome part : outcome.parts()) {
            if (part instanceof RangeOutcome.Advised advised) {
                for (long page = advised.range().address();
                        page < advised.range().end();
                        page += PAGE) {
                    assertThat(tookEffect(kernel, page)).as("page %x", page).isTrue();
                }
            }
        }
    }

    private static boolean tookEffect(SimulatedKernel kernel, long page) {
        for (Effect effect : kernel.effects()) {
            if (effect.address() <= page && page < effect.address() + effect.byteSize()) {
                return true;
            }
        }
        return false;
    }

    @Property(tries = 300)
    void anySplitGivesEveryByteTheVerdictOfItsMapping(
            @ForAll("layouts") List<Stretch> layout, @ForAll Random random, @ForAll boolean hidesProgress) {
        SimulatedKernel kernel = kernelWith(layout);
        kernel.hidesProgress = hidesProgress;
        List<MemoryRange> ranges = split(pages(layout), random, 1 + random.nextInt(50));
        AdviceOutcome outcome = pageOut(kernel, ranges);
        partsCover(ranges, outcome);
        verdictsFollowTheLayout(kernel, outcome);
        advisedBytesTookEffect(kernel, outcome);
        assertThat(kernel.openFiles()).isZero();
    }

    @Property(tries = 300)
    void randomPartialResultsNeverLoseOrDoubleAByte(@ForAll("layouts") List<Stretch> layout, @ForAll Random random) {
        SimulatedKernel kernel = kernelWith(layout);
        kernel.partialResult = done -> done <= PAGE ? done : PAGE + random.nextLong(done - PAGE + 1);
        List<MemoryRange> ranges = split(pages(layout), random, 30);
        AdviceOutcome outcome = pageOut(kernel, ranges);
        partsCover(ranges, outcome);
        verdictsFollowTheLayout(kernel, outcome);
    }

    @Property(tries = 200)
    void aProcessThatGoesAtAnyCallLeavesAnAccountThatAddsUp(
            @ForAll("layouts") List<Stretch> layout, @ForAll Random random) {
        SimulatedKernel kernel = kernelWith(layout);
        int[] left = {random.nextInt(20)};
        kernel.beforeAdvice = () -> kernel.exited = --left[0] < 0;
        List<MemoryRange> ranges = split(pages(layout), random, 10);
        AdviceOutcome outcome = pageOut(kernel, ranges);
        partsCover(ranges, outcome);
        advisedBytesTookEffect(kernel, outcome);
        if (outcome.notReachedBytes() > 0) {
            assertThat(outcome).isInstanceOf(AdviceOutcome.ProcessGone.class);
        }
    }

    @Property(tries = 100)
    void aLayoutThatChangesAtAnyCallNeverMakesUnadvisedBytesAdvised(
            @ForAll("layouts") List<Stretch> layout, @ForAll Random random) {
        SimulatedKernel kernel = kernelWith(layout);
        kernel.beforeAdvice = () -> {
            List<Long> mappings = kernel.mappings();
            if (random.nextBoolean() && mappings.size() > 1) {
                kernel.unmap(mappings.get(random.nextInt(mappings.size() - 1)));
            }
        };
        List<MemoryRange> ranges = split(pages(layout), random, 20);
        AdviceOutcome outcome = pageOut(kernel, ranges);
        partsCover(ranges, outcome);
        advisedBytesTookEffect(kernel, outcome);
    }
}
