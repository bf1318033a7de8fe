package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.bindings.Linux;
import dev.remora.syscall.ErrnoException;
import java.io.ByteArrayInputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MapsCursorTest {

    private static final String SAMPLE = """
        00400000-00401000 r-xp 00001000 08:02 173521                             /usr/bin/dbus daemon
        00e03000-00e24000 rw-p 00000000 00:00 0                                  [heap]
        35b1800000-35b1820000 r--s 7fffffff000 103:fffff 18446744073709551615    /żółw (deleted)
        7fffb2c0d000-7fffb2c2e000 ---p 00000000 00:00 0\s
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
        """;

    private static final List<Mapping> SAMPLE_MAPPINGS = List.of(
            new Mapping(
                    MemoryRange.between(0x400000, 0x401000),
                    Protection.READ_EXECUTE,
                    false,
                    0x1000,
                    0x8_0000_0002L,
                    173521,
                    "/usr/bin/dbus daemon"),
            new Mapping(MemoryRange.between(0xe03000, 0xe24000), Protection.READ_WRITE, false, 0, 0, 0, "[heap]"),
            new Mapping(
                    MemoryRange.between(0x35_b180_0000L, 0x35_b182_0000L),
                    Protection.READ,
                    true,
                    0x7ff_ffff_f000L,
                    0x103_000f_ffffL,
                    -1,
                    "/żółw (deleted)"),
            new Mapping(MemoryRange.between(0x7fff_b2c0_d000L, 0x7fff_b2c2_e000L), Protection.NONE, false, 0, 0, 0, ""),
            new Mapping(
                    MemoryRange.of(0xffff_ffff_ff60_0000L, 0x1000),
                    new Protection(false, false, true),
                    false,
                    0,
                    0,
                    0,
                    "[vsyscall]"));

    @Test
    void readsWhatAKernelPrinted() {
        assertThat(MapsText.parse(SAMPLE)).isEqualTo(SAMPLE_MAPPINGS);
    }

    @Test
    void theTextMayBeCutAnywhere() {
        byte[] text = SAMPLE.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= text.length; cut++) {
            var both = new SequenceInputStream(
                    new ByteArrayInputStream(text, 0, cut), new ByteArrayInputStream(text, cut, text.length - cut));
            assertThat(MapsText.parse(both)).as("cut at %d", cut).isEqualTo(SAMPLE_MAPPINGS);
        }
    }

    @Test
    void theLastLineNeedsNoNewline() {
        assertThat(MapsText.parse(SAMPLE.stripTrailing())).isEqualTo(SAMPLE_MAPPINGS);
    }

    @Test
    void anEmptyTextHasNoMappings() {
        assertThat(MapsText.parse("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a b  c ",
                "[anon:  leading spaces]",
                "/tmp/x (deleted)",
                "/木/🐟",
                "/two\\012lines",
                "/x 7f0000000000-7f0000001000 rw-p 00000000 00:00 0",
                "/[heap]",
                "/\t\r\u0000"
            })
    void namesArePassedOnAsTheyAre(String name) {
        assertThat(MapsText.parse("1000-2000 rw-p 00000000 00:00 0   " + name + "\n"))
                .singleElement()
                .extracting(Mapping::name)
                .isEqualTo(name);
    }

    @Test
    void aNameMayBeLongerThanTheBuffer() {
        String name = "/" + "n".repeat(200_000);
        String text = "1000-2000 rw-p 00000000 00:00 0 " + name + "\n2000-3000 rw-p 00000000 00:00 0 \n";
        assertThat(MapsText.parse(text)).extracting(Mapping::name).containsExactly(name, "");
    }

    @Test
    void bytesThatAreNoUtf8AreReplaced() {
        byte[] text = "1000-2000 rw-p 00000000 00:00 0 /a?b\n2000-3000 r--p 00000000 00:00 0 /c\n"
                .getBytes(StandardCharsets.UTF_8);
        text[new String(text, StandardCharsets.UTF_8).indexOf('?')] = (byte) 0xff;
        assertThat(MapsText.parse(new ByteArrayInputStream(text)))
                .extracting(Mapping::name)
                .containsExactly("/a\ufffdb", "/c");
    }

    @Test
    void aNamePatternComparesBytes() {
        byte[] text = "1000-2000 rw-p 00000000 00:00 0 /a?b".getBytes(StandardCharsets.UTF_8);
        text[text.length - 2] = (byte) 0xff;
        var cursor = new MapsCursor(new ByteArrayInputStream(text));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.named(Arrays.copyOfRange(text, text.length - 4, text.length)))
                .isTrue();
        assertThat(cursor.named("/a?b".getBytes(StandardCharsets.UTF_8))).isFalse();
        assertThat(cursor.named("/a*".getBytes(StandardCharsets.UTF_8))).isTrue();
    }

    @Test
    void aNamelessMappingIsNamedByNothing() {
        var cursor = new MapsCursor(MapsText.stream("1000-2000 rw-p 00000000 00:00 0 \n"));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.name()).isEmpty();
        assertThat(cursor.named(new byte[0])).isTrue();
        assertThat(cursor.named(new byte[] {'*'})).isTrue();
        assertThat(cursor.named(new byte[] {' '})).isFalse();
    }

    @Test
    void theMappingsOfAProcessAreShownInTurn() {
        List<Mapping> shown = new ArrayList<>();
        try (var process = ProcDirectory.open(new ScriptedProc(SAMPLE), 4711)) {
            shown.addAll(
                    MapsCursor.collect(process, ArrayList<Mapping>::new, (all, cursor) -> all.add(cursor.mapping())));
        }
        assertThat(shown).isEqualTo(SAMPLE_MAPPINGS);
    }

    @Test
    void aProcessWithoutMappingsIsGone() {
        try (var process = ProcDirectory.open(new ScriptedProc(""), 4711)) {
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> MapsCursor.collect(process, ArrayList<Mapping>::new, (_, _) -> {}))
                    .satisfies(failure -> assertThat(failure.errno()).isEqualTo(Linux.ESRCH()));
        }
    }

    @Test
    void aRepeatedMappingIsShownOnce() {
        String line = "1000-2000 rw-p 00000000 00:00 0 \n";
        assertThat(MapsText.parse(line + line)).hasSize(1);
    }

    @Test
    void aMappingThatGrewIsShownFromWhereTheFirstEnded() {
        assertThat(MapsText.parse("1000-2000 r--p 00000000 08:01 9 /x\n1000-4000 r--p 00000000 08:01 9 /x\n"))
                .extracting(Mapping::toString)
                .containsExactly("0x1000-0x2000 r--p 4 KiB /x", "0x2000-0x4000 r--p 8 KiB /x");
    }

    @Test
    void onlyAFileHasAnOffsetThatMoves() {
        var file = new MapsCursor(MapsText.stream("10000-20000 r--p 00003000 08:01 9 /x"));
        assertThat(file.next()).isTrue();
        assertThat(file.clip(MemoryRange.between(0x12000, 0x13000))).isTrue();
        assertThat(file.mapping().fileOffset()).isEqualTo(0x5000);
        var anonymous = new MapsCursor(MapsText.stream("10000-20000 r--p 00000000 00:00 0 "));
        assertThat(anonymous.next()).isTrue();
        assertThat(anonymous.clip(MemoryRange.between(0x12000, 0x13000))).isTrue();
        assertThat(anonymous.mapping().fileOffset()).isZero();
    }

    @Test
    void clipKnowsTheUpperHalf() {
        assertThat(clippedVsyscall(0xffff_ffff_ff60_0800L, 0xffff_ffff_ff60_2000L))
                .isEqualTo("0xffffffffff600800-0xffffffffff601000");
        assertThat(clippedVsyscall(Long.MIN_VALUE, 0xffff_ffff_ff60_0000L)).isEqualTo("nothing");
        assertThat(clippedVsyscall(Long.MIN_VALUE, 0xffff_ffff_ff60_0001L))
                .isEqualTo("0xffffffffff600000-0xffffffffff600001");
        assertThat(clippedVsyscall(0, Long.MAX_VALUE)).isEqualTo("nothing");
    }

    private static String clippedVsyscall(long address, long end) {
        var cursor = new MapsCursor(MapsText.stream(MapsText.line(SAMPLE_MAPPINGS.getLast())));
        assertThat(cursor.next()).isTrue();
        boolean left = cursor.clip(MemoryRange.between(address, end));
        return left ? cursor.mapping().range().toString() : "nothing";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "1000",
                "1000-",
                "1000-2000",
                "1000-2000 ",
                "1000-2000 rw-p",
                "1000-2000 rw-p ",
                "1000-2000 rw-p 0",
                "1000-2000 rw-p 0 ",
                "1000-2000 rw-p 0 00",
                "1000-2000 rw-p 0 00:",
                "1000-2000 rw-p 0 00:00",
                "1000-2000 rw-p 0 00:00 ",
                "1000-2000 rw-p 0 00:00 x",
                "1000-2000 rw-p 0 00:0g 0",
                "1000-2000 rw-p g 00:00 0",
                "1000-2000 rw-p  0 00:00 0",
                "1000-2000  rw-p 0 00:00 0",
                "1000 2000 rw-p 0 00:00 0",
                "0x1000-0x2000 rw-p 0 00:00 0",
                "A000-B000 rw-p 0 00:00 0",
                "-2000 rw-p 0 00:00 0",
                " 1000-2000 rw-p 0 00:00 0",
                "2000-1000 rw-p 0 00:00 0",
                "2000-2000 rw-p 0 00:00 0",
                "1000-2000 zzzz 0 00:00 0",
                "1000-2000 rw-px0 00:00 0",
                "1000-2000 rw-p 0 00:00 0x12",
                "00000000000001000-2000 rw-p 0 00:00 0",
                "Size: 4 kB"
            })
    void aLineThatIsNoMappingIsNamed(String line) {
        var cursor = new MapsCursor(MapsText.stream("500-600 rw-p 0 00:00 0 \n" + line + "\n"));
        assertThat(cursor.next()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(cursor::next)
                .withMessage("This kernel's /proc/PID/maps has a line Remora does not understand: " + line);
    }
}
