package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class MemoryRangeTest {

    private static final MemoryRange VSYSCALL = MemoryRange.between(0xffff_ffff_ff60_0000L, 0xffff_ffff_ff60_1000L);
    private static final MemoryRange LAST = MemoryRange.of(-4096, 4095);

    @Test
    void bothFactoriesMakeTheSameRange() {
        var range = MemoryRange.of(0x7f12_0000_0000L, 0x400_0000);
        assertThat(range).isEqualTo(MemoryRange.between(0x7f12_0000_0000L, 0x7f12_0400_0000L));
        assertThat(range.address()).isEqualTo(0x7f12_0000_0000L);
        assertThat(range.byteSize()).isEqualTo(0x400_0000);
        assertThat(range.end()).isEqualTo(0x7f12_0400_0000L);
    }

    @Test
    void printsAsInMaps() {
        assertThat(MemoryRange.of(0x7f12_0000_0000L, 0x400_0000)).hasToString("0x7f1200000000-0x7f1204000000");
        assertThat(VSYSCALL).hasToString("0xffffffffff600000-0xffffffffff601000");
        assertThat(MemoryRange.of(0, 1)).hasToString("0x0-0x1");
    }

    @Test
    void refusesEmptyAndNegativeSizes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryRange.of(4096, 0))
                .withMessage("A memory range has at least 1 byte, and this one has 0: leave empty ranges out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryRange.of(4096, -1))
                .withMessage("A memory range has at least 1 byte, and this one has -1: leave empty ranges out");
    }

    @Test
    void refusesToReachTheLastAddress() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryRange.of(-4096, 4096))
                .withMessage("A memory range ends before the last of all 64-bit addresses,"
                        + " and 4096 bytes from 0xfffffffffffff000 reach it");
        assertThatIllegalArgumentException().isThrownBy(() -> MemoryRange.of(-4096, 4097));
        assertThatIllegalArgumentException().isThrownBy(() -> MemoryRange.of(Long.MIN_VALUE + 2, Long.MAX_VALUE));
    }

    @Test
    void refusesToEndWhereOrBeforeItBegins() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryRange.between(0x2000, 0x1000))
                .withMessage("A memory range ends after it begins, and this one would run from 0x2000 to 0x1000");
        assertThatIllegalArgumentException().isThrownBy(() -> MemoryRange.between(0x1000, 0x1000));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryRange.between(-4096, 4096))
                .withMessageContaining("from 0xfffffffffffff000 to 0x1000");
    }

    @Test
    void refusesMoreBytesThanALongCanCount() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryRange.between(0, Long.MIN_VALUE))
                .withMessageContaining("at most 9223372036854775807 bytes");
    }

    @Test
    void theVsyscallPageLiesInTheUpperHalf() {
        assertThat(VSYSCALL.byteSize()).isEqualTo(4096);
        assertThat(VSYSCALL.contains(VSYSCALL.address())).isTrue();
        assertThat(VSYSCALL.contains(VSYSCALL.end() - 1)).isTrue();
        assertThat(VSYSCALL.contains(VSYSCALL.end())).isFalse();
        assertThat(VSYSCALL.contains(VSYSCALL.address() - 1)).isFalse();
        assertThat(VSYSCALL.contains(0)).isFalse();
        assertThat(VSYSCALL.overlaps(LAST)).isFalse();
        assertThat(VSYSCALL.overlaps(MemoryRange.of(0, Long.MAX_VALUE))).isFalse();
        assertThat(VSYSCALL.overlaps(MemoryRange.of(Long.MIN_VALUE, Long.MAX_VALUE)))
                .isTrue();
    }

    @Test
    void containsARangeOnlyWhole() {
        var range = MemoryRange.between(0x2000, 0x5000);
        assertThat(range.contains(range)).isTrue();
        assertThat(range.contains(MemoryRange.between(0x3000, 0x4000))).isTrue();
        assertThat(range.contains(MemoryRange.between(0x1fff, 0x4000))).isFalse();
        assertThat(range.contains(MemoryRange.between(0x3000, 0x5001))).isFalse();
        assertThat(range.contains(MemoryRange.between(0x1000, 0x6000))).isFalse();
    }
}
