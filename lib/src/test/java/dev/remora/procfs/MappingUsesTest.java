package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MappingUse;
import dev.remora.addressspace.MemoryBreakdown;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.ProcessUse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MappingUsesTest {

    private static final String ENTRY = """
        1000-9000 rw-p 00000000 00:00 0                          [heap]
        Size:                 32 kB
        KernelPageSize:        4 kB
        MMUPageSize:           4 kB
        Rss:                   1 kB
        Pss:                   2 kB
        Pss_Dirty:             3 kB
        Shared_Clean:          4 kB
        Shared_Dirty:          5 kB
        Private_Clean:         6 kB
        Private_Dirty:         7 kB
        Referenced:            8 kB
        Anonymous:             9 kB
        KSM:                  10 kB
        LazyFree:             11 kB
        AnonHugePages:        12 kB
        ShmemPmdMapped:      100 kB
        FilePmdMapped:      1000 kB
        Shared_Hugetlb:       13 kB
        Private_Hugetlb:     100 kB
        Swap:                 14 kB
        SwapPss:              15 kB
        Locked:               16 kB
        THPeligible:           1
        ProtectionKey:         3
        VmFlags: rd wr mr mw me ac\s
        """;
    private static final String SECOND_ENTRY = """
        a000-c000 r--p 00000000 00:00 0\s
        Swap: 20 kB
        Rss: 10 kB
        """;
    private static final String OLD_ROLL_UP = """
        1000-9000 ---p 00000000 00:00 0 [rollup]
        Rss: 7 kB
        Pss: 6 kB
        """;
    private static final MemoryBreakdown FIGURES = new MemoryBreakdown(
            kib(1), kib(2), kib(3), kib(4), kib(5), kib(6), kib(7), kib(8), kib(9), kib(10), kib(11), kib(1112),
            kib(113), kib(14), kib(15), kib(16));

    private static long kib(long number) {
        return 1024 * number;
    }

    private static List<MappingUse> parse(String smaps) {
        return MappingUses.parse(MapsText.stream(smaps), _ -> true);
    }

    @Test
    void everyFigureIsInItsPlace() {
        MappingUse use = parse(ENTRY).getFirst();
        assertThat(use.memory()).isEqualTo(FIGURES);
        assertThat(use.pageBytes()).isEqualTo(4096);
        assertThat(use.flags()).containsExactlyInAnyOrder("rd", "wr", "mr", "mw", "me", "ac");
        assertThat(use.mapping().name()).isEqualTo("[heap]");
    }

    @Test
    void whatOneEntryDoesNotSayIsNotThatOfTheEntryBefore() {
        List<MappingUse> uses = parse(ENTRY + SECOND_ENTRY);
        assertThat(uses).hasSize(2);
        assertThat(uses.getLast().memory().residentBytes()).isEqualTo(kib(10));
        assertThat(uses.getLast().memory().swappedBytes()).isEqualTo(kib(20));
        assertThat(uses.getLast().memory().lockedBytes()).isZero();
        assertThat(uses.getLast().flags()).isEmpty();
    }

    @Test
    void onlyWhatIsSelectedIsThereAndAsAWhole() {
        String both = ENTRY + SECOND_ENTRY;
        var within = MemoryRange.of(0xb000, 0x1000);
        List<MappingUse> uses = MappingUses.parse(MapsText.stream(both), cursor -> cursor.clip(within));
        assertThat(uses).singleElement().satisfies(use -> {
            assertThat(use.mapping().address()).isEqualTo(0xa000);
            assertThat(use.memory().residentBytes()).isEqualTo(kib(10));
        });
    }

    @Test
    void anEmptyFileHasNoEntries() {
        assertThat(parse("")).isEmpty();
    }

    @Test
    void theSumsOfAProcessHaveNoEntry() {
        String rollUp = """
            1000-9000 ---p 00000000 00:00 0 [rollup]
            Rss: 7 kB
            Pss: 6 kB
            Pss_Anon: 1 kB
            Pss_File: 2 kB
            Pss_Shmem: 3 kB
            Swap: 5 kB
            """;
        ProcessUse use = MappingUses.ofProcess(rollUp);
        assertThat(use.memory().residentBytes()).isEqualTo(kib(7));
        assertThat(use.memory().swappedBytes()).isEqualTo(kib(5));
        assertThat(use.kinds()).contains(new ProcessUse.Kinds(kib(1), kib(2), kib(3)));
        assertThat(use.toString())
                .startsWith("7 KiB in RAM (6 KiB in proportion, ")
                .contains("shared memory 3 KiB");
    }

    @Test
    void olderKernelsDoNotSayHowTheSumIsMadeUp() {
        assertThat(MappingUses.ofProcess(OLD_ROLL_UP).kinds()).isEqualTo(Optional.empty());
    }
}
