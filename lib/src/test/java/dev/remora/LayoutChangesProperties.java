package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.procfs.RangeList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Layouts of few pages, each of a kind, cut into mappings at random places, against a comparison page by page. */
final class LayoutChangesProperties {

    private static final long PAGE = 4096;
    private static final long BASE = 0x7f00_0000_0000L;
    private static final int PAGES = 24;
    private static final int HOLE = 0;
    private static final int FILE = 4;

    record Layout(List<Integer> kinds, Set<Integer> cuts) {

        AddressSpace space() {
            List<Mapping> mappings = new ArrayList<>();
            int begin = 0;
            for (int i = 1; i <= PAGES; i++) {
                if (i == PAGES || cuts.contains(i) || !kinds.get(i).equals(kinds.get(begin))) {
                    add(begin, i, mappings);
                    begin = i;
                }
            }
            return new AddressSpace(mappings);
        }

        private void add(int begin, int end, List<Mapping> mappings) {
            int kind = kinds.get(begin);
            if (kind != HOLE) {
                boolean file = kind >= FILE;
                mappings.add(new Mapping(
                        MemoryRange.between(BASE + begin * PAGE, BASE + end * PAGE),
                        kind == 1 ? Protection.READ : Protection.READ_WRITE,
                        kind == 2,
                        file ? (begin + (kind == FILE ? 0L : 1L)) * PAGE : 0,
                        file ? 8L : 0,
                        file ? 9L : 0,
                        kind == 3 ? "[heap]" : ""));
            }
        }
    }

    @Provide
    Arbitrary<Layout> layouts() {
        Arbitrary<List<Integer>> kinds =
                Arbitraries.integers().between(HOLE, FILE + 1).list().ofSize(PAGES);
        Arbitrary<Set<Integer>> cuts =
                Arbitraries.integers().between(1, PAGES - 1).set().ofMaxSize(8);
        return kinds.flatMap(each -> cuts.map(some -> new Layout(each, some)));
    }

    @Provide
    Arbitrary<Integer> edges() {
        return Arbitraries.integers().between(0, PAGES);
    }

    @Property
    void changesAreThoseOfEachPage(
            @ForAll("layouts") Layout before,
            @ForAll("layouts") Layout mixed,
            @ForAll("edges") int changedUpTo,
            @ForAll("edges") int one,
            @ForAll("edges") int other) {
        List<Integer> kinds = new ArrayList<>(mixed.kinds().subList(0, changedUpTo));
        kinds.addAll(before.kinds().subList(changedUpTo, PAGES));
        var after = new Layout(kinds, mixed.cuts());
        int from = Math.min(one, other);
        int to = Math.max(one, other);
        var ranges = new RangeList(1);
        if (from < to) {
            ranges.add(BASE + from * PAGE, (to - from) * PAGE);
        }
        Set<Long> changed = new HashSet<>();
        for (int i = from; i < to; i++) {
            if (!before.kinds().get(i).equals(after.kinds().get(i))) {
                changed.add(BASE + i * PAGE);
            }
        }
        List<MemoryRange> found = LayoutChanges.between(before.space(), after.space(), ranges);
        Set<Long> pages = new HashSet<>();
        for (MemoryRange range : found) {
            for (long page = range.address(); page != range.end(); page += PAGE) {
                assertThat(pages.add(page)).isTrue();
            }
        }
        assertThat(pages).isEqualTo(changed);
        for (int i = 1; i < found.size(); i++) {
            assertThat(found.get(i - 1).end())
                    .as("neighbours are one")
                    .isLessThan(found.get(i).address());
        }
    }
}
