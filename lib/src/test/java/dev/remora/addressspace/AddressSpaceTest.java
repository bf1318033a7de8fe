package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AddressSpaceTest {

    private static final Mapping FIRST = mapping(0x1000, 0x3000, "[heap]");
    private static final Mapping SECOND = mapping(0x3000, 0x4000, "");
    private static final Mapping VSYSCALL = mapping(0xffff_ffff_ff60_0000L, 0xffff_ffff_ff60_1000L, "[vsyscall]");

    @Test
    void holdsMappingsInAscendingOrder() {
        var space = new AddressSpace(List.of(FIRST, SECOND, VSYSCALL));
        assertThat(space).containsExactly(FIRST, SECOND, VSYSCALL);
        assertThat(space.stream()).containsExactly(FIRST, SECOND, VSYSCALL);
        assertThat(space.size()).isEqualTo(3);
        assertThat(space.byteSize()).isEqualTo(0x4000);
    }

    @Test
    void mayBeEmpty() {
        var space = new AddressSpace(List.of());
        assertThat(space).isEmpty();
        assertThat(space.byteSize()).isZero();
        assertThat(space).hasToString("0 mappings, 0 bytes");
    }

    @Test
    void refusesMappingsInAnyOtherOrder() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AddressSpace(List.of(SECOND, FIRST)))
                .withMessage("Mappings come in ascending order and do not overlap,"
                        + " but 0x3000-0x4000 rw-p 4 KiB is followed by 0x1000-0x3000 rw-p 8 KiB [heap]");
        assertThatIllegalArgumentException().isThrownBy(() -> new AddressSpace(List.of(VSYSCALL, FIRST)));
    }

    @Test
    void refusesMappingsThatOverlap() {
        var overlapping = mapping(0x2000, 0x5000, "");
        assertThatIllegalArgumentException().isThrownBy(() -> new AddressSpace(List.of(FIRST, overlapping)));
        assertThatIllegalArgumentException().isThrownBy(() -> new AddressSpace(List.of(FIRST, FIRST)));
    }

    @Test
    void doesNotChangeWithTheListItWasMadeFrom() {
        var mappings = new ArrayList<>(List.of(FIRST));
        var space = new AddressSpace(mappings);
        mappings.clear();
        assertThat(space.size()).isEqualTo(1);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> space.mappings().clear());
    }

    @Test
    void printsATable() {
        assertThat(new AddressSpace(List.of(FIRST))).hasToString("""
            1 mapping, 8 KiB
              0x1000-0x3000 rw-p 8 KiB [heap]\
            """);
        assertThat(new AddressSpace(List.of(FIRST, SECOND, VSYSCALL))).hasToString("""
            3 mappings, 16 KiB
              0x1000-0x3000                         rw-p 8 KiB [heap]
              0x3000-0x4000                         rw-p 4 KiB
              0xffffffffff600000-0xffffffffff601000 rw-p 4 KiB [vsyscall]\
            """);
    }

    @Test
    void printsSharedMappingsAsShared() {
        var shared = new Mapping(MemoryRange.of(0x1000, 0x1000), Protection.READ, true, 0, 0, 7, "/x");
        assertThat(new AddressSpace(List.of(shared)).toString()).endsWith(" r--s 4 KiB /x");
    }

    @Test
    void printsSixteenRowsAtMost() {
        assertThat(space(16).toString().lines()).hasSize(17).last().asString().endsWith("n15");
        assertThat(space(17).toString().lines()).hasSize(18).last().isEqualTo("  … and 1 more");
        assertThat(space(1000).toString().lines())
                .hasSize(18)
                .startsWith("1000 mappings, 3.9 MiB")
                .endsWith("  … and 984 more");
    }

    @Test
    void findsMappingsByAddress() {
        var space = new AddressSpace(List.of(FIRST, SECOND, VSYSCALL));
        assertThat(space.at(0xfff)).isEmpty();
        assertThat(space.at(0x1000)).contains(FIRST);
        assertThat(space.at(0x2fff)).contains(FIRST);
        assertThat(space.at(0x3000)).contains(SECOND);
        assertThat(space.at(0x4000)).isEmpty();
        assertThat(space.at(0xffff_ffff_ff60_0fffL)).contains(VSYSCALL);
        assertThat(space.at(-1)).isEmpty();
        assertThat(space.from(0)).contains(FIRST);
        assertThat(space.from(0x4000)).contains(VSYSCALL);
        assertThat(space.from(-1)).isEmpty();
        assertThat(new AddressSpace(List.of()).from(0)).isEmpty();
    }

    @Test
    void findsTheNextMappingThatAnswersAQuery() {
        var shared = new Mapping(MemoryRange.of(0x5000, 0x1000), Protection.READ, true, 0, 0, 7, "/x");
        var space = new AddressSpace(List.of(FIRST, SECOND, shared));
        assertThat(space.from(0x1000, MappingQuery.any().writable())).contains(FIRST);
        assertThat(space.from(0x1000, MappingQuery.any().shared())).contains(shared);
        assertThat(space.from(0x1000, MappingQuery.any().shared().writable())).isEmpty();
    }

    @Test
    void findsWhatOverlapsARange() {
        var space = new AddressSpace(List.of(FIRST, SECOND, VSYSCALL));
        assertThat(space.overlapping(MemoryRange.of(0x2fff, 2))).containsExactly(FIRST, SECOND);
        assertThat(space.overlapping(MemoryRange.of(0x3000, 0x9000))).containsExactly(SECOND);
        assertThat(space.overlapping(MemoryRange.of(0x4000, 0x9000))).isEmpty();
    }

    @Test
    void sumsUpByKind() {
        var summary = new AddressSpace(List.of(FIRST, SECOND, VSYSCALL)).summary();
        assertThat(summary.count()).isEqualTo(3);
        assertThat(summary.byteSize()).isEqualTo(0x4000);
        assertThat(summary.of(MappingKind.HEAP)).isEqualTo(new AddressSpaceSummary.Total(MappingKind.HEAP, 1, 0x2000));
        assertThat(summary.of(MappingKind.FILE)).isEqualTo(new AddressSpaceSummary.Total(MappingKind.FILE, 0, 0));
        assertThat(summary).hasToString("""
            3 mappings, 16 KiB
              HEAP            1 8 KiB
              KERNEL_PROVIDED 1 4 KiB
              ANONYMOUS       1 4 KiB\
            """);
        assertThat(new AddressSpace(List.of()).summary()).hasToString("0 mappings, 0 bytes");
    }

    private static AddressSpace space(int mappings) {
        return new AddressSpace(IntStream.range(0, mappings)
                .mapToObj(i -> mapping(0x10000 + i * 0x2000L, 0x11000 + i * 0x2000L, "n" + i))
                .toList());
    }

    private static Mapping mapping(long address, long end, String name) {
        return new Mapping(MemoryRange.between(address, end), Protection.READ_WRITE, false, 0, 0, 0, name);
    }
}
