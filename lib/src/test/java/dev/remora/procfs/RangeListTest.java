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

    @Test
    void sharesHaveTheSameBytesInTheSameOrder() {
        var list = new RangeList(4);
        list.add(0x10_1000, 0x50_0000);
        list.addLeftOut(0x70_0000, 0x10_0000, 3);
        list.begin(true);
        list.add(0x80_0000, 0x1000);
        list.add(0x10_1000, 0x30_0000);
        long size = 0x20_0000;
        var joined = new RangeList(4);
        for (RangeList share : list.shares(size)) {
            assertThat(share.totalBytes()).isLessThan(2 * size);
            for (int i = 0; i < share.size(); i++) {
                boolean cut = i == 0 && share.continues(0) && share.address(0) != 0x80_0000;
                assertThat(cut && share.address(0) % size != 0)
                        .as("cut elsewhere")
                        .isFalse();
                joined.begin(share.continues(i));
                joined.addPartOf(share, i, share.address(i), share.byteSize(i));
            }
        }
        assertThat(joined.totalBytes()).isEqualTo(list.totalBytes());
        int next = 0;
        for (int i = 0; i < list.size(); i++) {
            long end = list.address(i);
            do {
                assertThat(joined.address(next)).isEqualTo(end);
                assertThat(joined.continues(next)).isEqualTo(end > list.address(i) || list.continues(i));
                assertThat(joined.leftOut(next)).isEqualTo(list.leftOut(i));
                end += joined.byteSize(next++);
            } while (end < list.address(i) + list.byteSize(i));
        }
    }
}
