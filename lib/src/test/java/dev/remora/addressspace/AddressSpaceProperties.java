package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What lookups by halves find is what a look at each mapping in turn finds. */
final class AddressSpaceProperties {

    private static final long PAGE = 4096;

    /** In the lower half of all addresses, or the upper one, or across. */
    @Provide
    Arbitrary<Long> origins() {
        return Arbitraries.of(0L, 0x7f00_0000_0000L, Long.MAX_VALUE - 20 * PAGE + 1, -200 * PAGE);
    }

    @Provide
    Arbitrary<List<Integer>> lengths() {
        return Arbitraries.integers().between(1, 4).list().ofMaxSize(24);
    }

    @Provide
    Arbitrary<MappingQuery> queries() {
        Arbitrary<Boolean> either = Arbitraries.of(true, false);
        return Combinators.combine(either, either, either, either, either)
                .as((readable, writable, executable, shared, fileBacked) -> {
                    MappingQuery query = MappingQuery.any();
                    query = readable ? query.readable() : query;
                    query = writable ? query.writable() : query;
                    query = executable ? query.executable() : query;
                    query = shared ? query.shared() : query;
                    return fileBacked ? query.fileBacked() : query;
                });
    }

    @Property(tries = 500)
    void lookupsFindWhatASearchFinds(
            @ForAll("origins") long origin,
            @ForAll("lengths") List<Integer> lengths,
            @ForAll("queries") MappingQuery query,
            @ForAll int properties) {
        var space = space(origin, lengths, properties);
        for (long offset = -PAGE; offset < 100 * PAGE; offset += PAGE / 2) {
            long address = origin + offset;
            assertThat(space.at(address))
                    .isEqualTo(space.stream()
                            .filter(mapping -> mapping.range().contains(address))
                            .findFirst());
            assertThat(space.from(address, query))
                    .isEqualTo(space.stream()
                            .filter(mapping -> Long.compareUnsigned(address, mapping.end()) < 0)
                            .filter(query::matches)
                            .findFirst());
            assertThat(space.from(address)).isEqualTo(space.from(address, MappingQuery.any()));
        }
    }

    @Property(tries = 500)
    void whatOverlapsARangeIsFound(
            @ForAll("origins") long origin, @ForAll("lengths") List<Integer> lengths, @ForAll int properties) {
        var space = space(origin, lengths, properties);
        for (int page = 0; page < 60; page += 3) {
            var range = MemoryRange.of(origin + page * PAGE, 5 * PAGE);
            assertThat(space.overlapping(range).mappings())
                    .isEqualTo(space.stream()
                            .filter(mapping -> mapping.range().overlaps(range))
                            .toList());
        }
    }

    /** Lengths are those of mappings and of holes, which some are. */
    private static AddressSpace space(long origin, List<Integer> lengths, int properties) {
        List<Mapping> mappings = new ArrayList<>();
        long position = origin;
        int bits = properties;
        for (int pages : lengths) {
            if ((bits & 1) == 0) {
                var protection = new Protection((bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);
                var range = MemoryRange.of(position, pages * PAGE);
                mappings.add(new Mapping(range, protection, (bits & 16) != 0, 0, 0, bits & 32, ""));
            }
            position += pages * PAGE;
            bits = Integer.rotateRight(bits, 1) * 31;
        }
        return new AddressSpace(mappings);
    }
}
