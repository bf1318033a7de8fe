package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The model: addresses as big integers, which do not wrap around. */
final class MemoryRangeProperties {

    private static final BigInteger ADDRESSES = BigInteger.ONE.shiftLeft(64);

    @Property(tries = 500)
    void isRefusedExactlyWhenItIsEmptyOrReachesTheEnd(@ForAll long address, @ForAll long byteSize) {
        boolean fits = byteSize > 0
                && unsigned(address).add(BigInteger.valueOf(byteSize)).compareTo(ADDRESSES) < 0;
        assertThat(accepts(address, byteSize)).isEqualTo(fits);
    }

    @Property(tries = 500)
    void containsWhatLiesBetweenItsBorders(@ForAll("ranges") MemoryRange range, @ForAll("addresses") long address) {
        boolean between = first(range).compareTo(unsigned(address)) <= 0
                && unsigned(address).compareTo(end(range)) < 0;
        assertThat(range.contains(address)).isEqualTo(between);
    }

    @Property(tries = 500)
    void containsRangesThatLieBetweenItsBorders(
            @ForAll("ranges") MemoryRange range, @ForAll("ranges") MemoryRange other) {
        boolean between =
                first(range).compareTo(first(other)) <= 0 && end(other).compareTo(end(range)) <= 0;
        assertThat(range.contains(other)).isEqualTo(between);
    }

    @Property(tries = 500)
    void overlapsWhenTheLaterBeginBeforeTheEarlierEnd(
            @ForAll("ranges") MemoryRange range, @ForAll("ranges") MemoryRange other) {
        boolean shared = first(range).max(first(other)).compareTo(end(range).min(end(other))) < 0;
        assertThat(range.overlaps(other)).isEqualTo(shared);
        assertThat(other.overlaps(range)).isEqualTo(shared);
    }

    @Property(tries = 500)
    void isMadeAnewFromItsBorders(@ForAll("ranges") MemoryRange range) {
        assertThat(MemoryRange.between(range.address(), range.end())).isEqualTo(range);
    }

    /** Few numbers, around every border that matters, so that ranges often touch. */
    @Provide
    Arbitrary<Long> addresses() {
        Arbitrary<Long> borders = Arbitraries.of(0L, 8L, Long.MAX_VALUE, Long.MIN_VALUE, 0xffff_ffff_ff60_0000L, -8L);
        return borders.flatMap(border -> Arbitraries.longs().between(-8, 8).map(distance -> border + distance));
    }

    @Provide
    Arbitrary<MemoryRange> ranges() {
        Arbitrary<Long> sizes =
                Arbitraries.oneOf(Arbitraries.longs().between(1, 24), Arbitraries.of(1L << 62, Long.MAX_VALUE));
        return Combinators.combine(addresses(), sizes)
                .filter(MemoryRangeProperties::accepts)
                .as(MemoryRange::of);
    }

    private static boolean accepts(long address, long byteSize) {
        try {
            MemoryRange.of(address, byteSize);
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    private static BigInteger unsigned(long address) {
        return new BigInteger(Long.toUnsignedString(address));
    }

    private static BigInteger first(MemoryRange range) {
        return unsigned(range.address());
    }

    private static BigInteger end(MemoryRange range) {
        return first(range).add(BigInteger.valueOf(range.byteSize()));
    }
}
