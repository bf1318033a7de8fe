package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.procfs.MapsCursor;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GuardedStacksTest {

    private static final String MAPS = """
        00400000-00401000 r-xp 00000000 08:01 12 /bin/program
        10000000-10021000 rw-p 00000000 00:00 0 [heap]
        c000000000-c000400000 rw-p 00000000 00:00 0
        c000400000-c004000000 ---p 00000000 00:00 0
        c004000000-c004800000 rw-p 00000000 00:00 0
        7f0000000000-7f0000001000 ---p 00000000 00:00 0
        7f0000001000-7f0000801000 rw-p 00000000 00:00 0
        7f0000801000-7f0000901000 ---p 00000000 00:00 0
        7f0000901000-7f0000a01000 rw-s 00000000 00:01 7 /memfd:shared (deleted)
        7f0001000000-7f0001001000 ---p 00000000 00:00 0
        7f0001002000-7f0001003000 rw-p 00000000 00:00 0
        7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]
        """;

    private static GuardedStacks stacks() {
        return stacks(GuardedStacks.unknown());
    }

    private static GuardedStacks stacks(GuardedStacks stacks) {
        var maps = new MapsCursor(new ByteArrayInputStream(MAPS.getBytes(StandardCharsets.US_ASCII)));
        while (maps.next()) {
            stacks.add(maps);
        }
        return stacks;
    }

    @ParameterizedTest
    @ValueSource(longs = {0x7f00_0000_1000L, 0x7f00_0080_0fffL, 0x7ffc_0000_0000L, 0x7ffc_0002_0fffL})
    void theFirstStackAndWhatHasAGuardBelowAreStacks(long address) {
        assertThat(stacks().contain(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                0x1000_0100L,
                0xc0_0000_2000L,
                0xc0_0400_0100L,
                0x7f00_0000_0fffL,
                0x7f00_0080_1000L,
                0x7f00_0090_2000L,
                0x7f00_0100_2000L,
                0x7ffc_0002_1000L,
                -1
            })
    void heapsAndWhatHasNoGuardDirectlyBelowAreNot(long address) {
        assertThat(stacks().contain(address)).isFalse();
    }

    /** The kernel merges such stacks with one another. */
    @ParameterizedTest
    @CsvSource({
        "0x10000000, true",
        "0x10008000, true",
        "0x10020ff8, true",
        "0x1000fff, false",
        "0x10021000, false",
        "0x7f0001002100, false",
        "0x7f0000902000, false"
    })
    void whatHasAMarkBelowInTheSameMappingIsAStack(String address, boolean expected) {
        var stacks = stacks(new GuardedStacks((from, to) -> from <= 0x1000_0000L && 0x1000_0000L <= to));
        assertThat(stacks.contain(Long.decode(address))).isEqualTo(expected);
    }

    @Test
    void aMarkIsNotLookedForFartherThanAStackIsLarge() {
        var stacks = stacks(new GuardedStacks((from, to) -> to - from <= 16 << 20 && from <= 0xc0_0400_0000L));
        assertThat(stacks.contain(0xc0_0400_8000L)).isTrue();
        assertThat(stacks.contain(0xc0_0480_0000L)).isFalse();
    }

    @Test
    void nothingIsAStackBeforeSomebodyLooked() {
        assertThat(GuardedStacks.unknown().contain(0x7ffc_0000_0000L)).isFalse();
    }
}
