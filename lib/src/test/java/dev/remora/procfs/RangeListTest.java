package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RangeListTest {

    @Test
    void growsFromNothing() {
        var ranges = new RangeList(0);
        for (int i = 0; i < 1000; i++) {
            ranges.add(i * 10L, i + 1);
        }
        assertThat(ranges.size()).isEqualTo(1000);
        for (int i = 0; i < 1000; i++) {
            assertThat(ranges.address(i)).isEqualTo(i * 10L);
            assertThat(ranges.byteSize(i)).isEqualTo(i + 1);
        }
        assertThat(ranges.totalBytes()).isEqualTo(500_500);
    }

    @Test
    void anEmptyListHasNothingAfterAnything() {
        assertThat(new RangeList(4).firstEndingAfter(0)).isZero();
        assertThat(new RangeList(4).totalBytes()).isZero();
    }

    @Test
    void addressesAreUnsigned() {
        var ranges = new RangeList(2);
        ranges.add(0x1000, 0x1000);
        ranges.add(0xffff_ffff_ff60_0000L, 0x1000);
        assertThat(ranges.firstEndingAfter(0x1fff)).isZero();
        assertThat(ranges.firstEndingAfter(0x2000)).isEqualTo(1);
        assertThat(ranges.firstEndingAfter(Long.MIN_VALUE)).isEqualTo(1);
        assertThat(ranges.firstEndingAfter(0xffff_ffff_ff60_0fffL)).isEqualTo(1);
        assertThat(ranges.firstEndingAfter(0xffff_ffff_ff60_1000L)).isEqualTo(2);
    }
}
