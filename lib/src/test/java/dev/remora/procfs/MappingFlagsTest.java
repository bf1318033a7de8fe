package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MappingFlagsTest {

    private static final long BASE = 0x7f00_0000_0000L;

    @ParameterizedTest
    @CsvSource({
        "'rd wr mr mw me ac ', false, false, false",
        "'rd wr mr mw me lo ac ', true, false, false",
        "'rd wr sh mr mw me ms de ht ', false, true, false",
        "'rd mr pf io de dd ', false, false, true",
        "'lo ht pf', true, true, true",
        "'lo', true, false, false",
        "'ol th fp ', false, false, false",
        "'al oa xh tx ap fa ', false, false, false",
        "'LO HT PF ', false, false, false",
        "'', false, false, false"
    })
    void readsTheFlagsThatMatter(String flags, boolean locked, boolean hugetlb, boolean pageFrames) {
        var parsed = parse(mapping(0, 1, "VmFlags: " + flags));
        assertThat(parsed.mapped(BASE)).isTrue();
        assertThat(parsed.locked(BASE)).as("locked").isEqualTo(locked);
        assertThat(parsed.hugetlb(BASE)).as("hugetlb").isEqualTo(hugetlb);
        assertThat(parsed.pageFrames(BASE)).as("page frames").isEqualTo(pageFrames);
    }

    @Test
    void flagsHoldFromTheFirstAddressToTheLast() {
        var parsed = parse(mapping(0, 1, "VmFlags: rd ") + mapping(1, 3, "VmFlags: lo ") + mapping(4, 5, "VmFlags: "));
        assertThat(parsed.locked(BASE + 0xfff)).isFalse();
        assertThat(parsed.locked(BASE + 0x1000)).isTrue();
        assertThat(parsed.locked(BASE + 0x2fff)).isTrue();
        assertThat(parsed.locked(BASE + 0x3000)).isFalse();
    }

    @Test
    void aMappingThatIsRepeatedKeepsItsFlags() {
        var parsed = parse(mapping(0, 2, "VmFlags: lo ") + mapping(0, 1, "VmFlags: rd "));
        assertThat(parsed.locked(BASE)).isTrue();
    }

    @Test
    void aHoleHasNoFlags() {
        var parsed = parse(mapping(1, 2, "VmFlags: lo ht pf ") + mapping(3, 4, "VmFlags: lo ht pf "));
        for (long hole : new long[] {0, BASE, BASE + 0x2000, BASE + 0x2fff, BASE + 0x4000, Long.MIN_VALUE, -1}) {
            assertThat(parsed.mapped(hole)).isFalse();
            assertThat(parsed.locked(hole)).isFalse();
            assertThat(parsed.hugetlb(hole)).isFalse();
            assertThat(parsed.pageFrames(hole)).isFalse();
        }
    }

    @Test
    void aKernelWithoutFlagsHasNone() {
        var parsed = parse(mapping(0, 1, "Locked: 4 kB") + mapping(1, 2, "VmFlags: lo") + mapping(2, 3, "Swap: 0 kB"));
        assertThat(parsed.mapped(BASE)).isTrue();
        assertThat(parsed.locked(BASE)).isFalse();
        assertThat(parsed.locked(BASE + 0x1000)).isTrue();
        assertThat(parsed.mapped(BASE + 0x2000)).isTrue();
        assertThat(parsed.locked(BASE + 0x2000)).isFalse();
    }

    @Test
    void thousandsOfMappingsKeepTheirOwnFlags() {
        var text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append(
                    mapping(2 * i, 2 * i + 1, "VmFlags: rd " + (i % 3 == 0 ? "lo " : "") + (i % 7 == 0 ? "ht" : "")));
        }
        var parsed = parse(text.toString());
        for (int i = 0; i < 3000; i++) {
            long address = BASE + 0x2000L * i;
            assertThat(parsed.locked(address)).isEqualTo(i % 3 == 0);
            assertThat(parsed.hugetlb(address)).isEqualTo(i % 7 == 0);
            assertThat(parsed.mapped(address + 0x1000)).isFalse();
        }
    }

    @Test
    void noNameIsTakenForFlags() {
        String header = "%x-%x rw-p 00000000 08:01 9    VmFlags: lo\n".formatted(BASE, BASE + 0x1000);
        assertThat(parse(header + "VmFlags: rd \n").locked(BASE)).isFalse();
    }

    @Test
    void anEmptyTextMapsNothing() {
        assertThat(parse("").mapped(BASE)).isFalse();
    }

    @Test
    void theVsyscallPageIsTheLast() {
        var parsed = parse("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0    [vsyscall]\nVmFlags: ex pf \n");
        assertThat(parsed.pageFrames(0xffff_ffff_ff60_0fffL)).isTrue();
        assertThat(parsed.mapped(0xffff_ffff_ff60_1000L)).isFalse();
        assertThat(parsed.mapped(BASE)).isFalse();
    }

    @Test
    void portionsMayEndAnywhere() {
        String text = mapping(0, 1, "VmFlags: rd wr lo ") + mapping(1, 2, "VmFlags: rd ht ");
        for (int seed = 0; seed < 100; seed++) {
            var parsed = MappingFlags.parse(new Portions(text.getBytes(StandardCharsets.UTF_8), 30, seed));
            assertThat(parsed.locked(BASE)).isTrue();
            assertThat(parsed.locked(BASE + 0x1000)).isFalse();
            assertThat(parsed.hugetlb(BASE + 0x1000)).isTrue();
        }
    }

    private static MappingFlags parse(String smaps) {
        return MappingFlags.parse(MapsText.stream(smaps));
    }

    private static String mapping(int firstPage, int endPage, String lastLine) {
        return """
            %x-%x rw-p 00000000 00:00 0\s
            Size:                  4 kB
            KernelPageSize:        4 kB
            Anonymous:             0 kB
            THPeligible:           0
            %s
            """.formatted(BASE + 0x1000L * firstPage, BASE + 0x1000L * endPage, lastLine);
    }
}
