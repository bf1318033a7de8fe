package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class MapsCursorProperties {

    private static final long PAGE = 4096;

    @Property(tries = 300)
    void whatTheKernelPrintsIsReadBackTheSame(@ForAll("addressSpaces") List<Mapping> mappings) {
        assertThat(MapsText.parse(MapsText.of(mappings))).isEqualTo(mappings);
    }

    @Property(tries = 200)
    void portionsMayEndAnywhere(
            @ForAll("addressSpaces") List<Mapping> mappings,
            @ForAll @IntRange(min = 1, max = 150) int longest,
            @ForAll long seed) {
        byte[] text = MapsText.of(mappings).getBytes(StandardCharsets.UTF_8);
        assertThat(MapsText.parse(new Portions(text, longest, seed))).isEqualTo(mappings);
    }

    @Property(tries = 200)
    void itsOwnAnswersAreThoseOfTheMapping(@ForAll("addressSpaces") List<Mapping> mappings) {
        var cursor = new MapsCursor(MapsText.stream(MapsText.of(mappings)));
        for (Mapping mapping : mappings) {
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.address()).isEqualTo(mapping.address());
            assertThat(cursor.end()).isEqualTo(mapping.end());
            assertThat(cursor.byteSize()).isEqualTo(mapping.byteSize());
            assertThat(cursor.writable()).isEqualTo(mapping.protection().writable());
            assertThat(cursor.shared()).isEqualTo(mapping.shared());
            assertThat(cursor.fileBacked()).isEqualTo(mapping.fileBacked());
            assertThat(cursor.anonymous()).isEqualTo(mapping.anonymous());
            assertThat(cursor.name()).isEqualTo(mapping.name());
            assertThat(cursor.named(mapping.name().getBytes(StandardCharsets.UTF_8)))
                    .isTrue();
        }
        assertThat(cursor.next()).isFalse();
        assertThat(cursor.next()).isFalse();
    }

    /** Lines as they come when the process grows, shrinks and remaps meanwhile, but never begins before the last line. */
    @Property(tries = 500)
    void showsEveryAddressOfLinesThatRepeatOrOverlapOnce(@ForAll("lines") List<Mapping> lines) {
        lines.sort(Comparator.comparingLong(Mapping::address));
        assertThat(disjointAndAscending(MapsText.parse(MapsText.of(lines)))).isEqualTo(pages(lines));
    }

    @Property(tries = 500)
    void showsTheAddressesThatLieBehindAllThatWasShown(@ForAll("lines") List<Mapping> lines) {
        var expected = new BitSet();
        for (Mapping line : lines) {
            BitSet further = pages(List.of(line));
            further.clear(0, expected.length());
            expected.or(further);
        }
        assertThat(disjointAndAscending(MapsText.parse(MapsText.of(lines)))).isEqualTo(expected);
    }

    @Property(tries = 300)
    void whatIsCutOffAtTheFrontMovesTheOffsetIntoTheFile(@ForAll("lines") List<Mapping> lines) {
        lines.sort(Comparator.comparingLong(Mapping::address));
        for (Mapping shown : MapsText.parse(MapsText.of(lines))) {
            assertThat(lines).anySatisfy(line -> {
                assertThat(line.name()).isEqualTo(shown.name());
                assertThat(shown.end()).isEqualTo(line.end());
                assertThat(shown.fileOffset()).isEqualTo(offsetAt(line, shown.address()));
            });
        }
    }

    @Property(tries = 500)
    void clipLeavesTheIntersection(@ForAll("lines") List<Mapping> lines, @ForAll("windows") MemoryRange window) {
        Mapping line = lines.getFirst();
        var cursor = new MapsCursor(MapsText.stream(MapsText.line(line)));
        assertThat(cursor.next()).isTrue();
        boolean overlaps = line.range().overlaps(window);
        assertThat(cursor.clip(window)).isEqualTo(overlaps);
        if (overlaps) {
            long address = Math.max(line.address(), window.address());
            long end = Math.min(line.end(), window.end());
            assertThat(cursor.mapping())
                    .isEqualTo(new Mapping(
                            MemoryRange.between(address, end),
                            line.protection(),
                            line.shared(),
                            offsetAt(line, address),
                            line.device(),
                            line.inode(),
                            line.name()));
        } else {
            assertThat(cursor.mapping()).isEqualTo(line);
        }
    }

    private static long offsetAt(Mapping line, long address) {
        return !line.fileBacked() ? line.fileOffset() : line.fileOffset() + (address - line.address());
    }

    private static BitSet disjointAndAscending(List<Mapping> mappings) {
        long seen = 0;
        for (Mapping mapping : mappings) {
            assertThat(mapping.address()).isGreaterThanOrEqualTo(seen);
            seen = mapping.end();
        }
        return pages(mappings);
    }

    private static BitSet pages(List<Mapping> mappings) {
        var pages = new BitSet();
        mappings.forEach(mapping -> pages.set((int) (mapping.address() / PAGE), (int) (mapping.end() / PAGE)));
        return pages;
    }

    @Provide
    Arbitrary<List<Mapping>> addressSpaces() {
        return MappingArbitraries.addressSpaces();
    }

    @Provide
    Arbitrary<MemoryRange> windows() {
        Arbitrary<Long> addresses = Arbitraries.longs().between(0, 45 * PAGE);
        return Combinators.combine(addresses, Arbitraries.longs().between(1, 12 * PAGE))
                .as(MemoryRange::of);
    }

    /** In no order, within few pages. */
    @Provide
    Arbitrary<List<Mapping>> lines() {
        Arbitrary<Integer> firstPages = Arbitraries.integers().between(0, 40);
        Arbitrary<Integer> pageCounts = Arbitraries.integers().between(1, 8);
        return Combinators.combine(firstPages, pageCounts, Arbitraries.of(0L, 4711L))
                .as(MapsCursorProperties::line)
                .list()
                .ofMinSize(1)
                .ofMaxSize(12)
                .map(ArrayList::new);
    }

    private static Mapping line(int page, int pages, long inode) {
        var range = MemoryRange.of(page * PAGE, pages * PAGE);
        long fileOffset = inode == 0 ? 0 : 64 * PAGE;
        return new Mapping(range, Protection.READ, false, fileOffset, 1L << 32, inode, page + "+" + pages);
    }
}
