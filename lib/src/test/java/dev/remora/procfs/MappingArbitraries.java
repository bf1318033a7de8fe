package dev.remora.procfs;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Whatever a process may have mapped. */
final class MappingArbitraries {

    private static final long PAGE = 4096;
    private static final MemoryRange VSYSCALL = MemoryRange.of(0xffff_ffff_ff60_0000L, PAGE);

    private record Sketch(
            long gap,
            long pages,
            Protection protection,
            boolean shared,
            long fileOffset,
            long device,
            long inode,
            String name) {

        Mapping at(MemoryRange range) {
            return new Mapping(range, protection, shared, fileOffset, device, inode, name);
        }
    }

    private MappingArbitraries() {}

    /** In ascending order, none overlapping another. */
    static Arbitrary<List<Mapping>> addressSpaces() {
        Arbitrary<Long> firstAddress = Arbitraries.of(0L, 0x1_0000L, 0x40_0000L, 0x5555_5555_4000L, 0x7f00_0000_0000L);
        return Combinators.combine(firstAddress, sketches().list().ofMaxSize(20), Arbitraries.of(true, false))
                .as(MappingArbitraries::lineUp);
    }

    private static List<Mapping> lineUp(long firstAddress, List<Sketch> sketches, boolean withVsyscall) {
        List<Mapping> mappings = new ArrayList<>();
        long position = firstAddress;
        for (Sketch sketch : sketches) {
            long address = position + sketch.gap * PAGE;
            mappings.add(sketch.at(MemoryRange.of(address, sketch.pages * PAGE)));
            position = address + sketch.pages * PAGE;
        }
        if (withVsyscall) {
            var executable = new Protection(false, false, true);
            mappings.add(new Mapping(VSYSCALL, executable, false, 0, 0, 0, "[vsyscall]"));
        }
        return mappings;
    }

    private static Arbitrary<Sketch> sketches() {
        Arbitrary<Boolean> either = Arbitraries.of(true, false);
        Arbitrary<Long> mebibytes = Arbitraries.longs().between(1, 1 << 16);
        return Combinators.combine(
                        Arbitraries.of(0L, 1L, 7L, 1L << 18),
                        Arbitraries.oneOf(Arbitraries.longs().between(1, 16), mebibytes),
                        Combinators.combine(either, either, either).as(Protection::new),
                        either,
                        Arbitraries.oneOf(Arbitraries.of(0L, PAGE, -PAGE), mebibytes.map(size -> size << 20)),
                        devices(),
                        Arbitraries.oneOf(Arbitraries.just(0L), Arbitraries.longs()),
                        names())
                .as(Sketch::new);
    }

    private static Arbitrary<Long> devices() {
        Arbitrary<Long> majors = Arbitraries.longs().between(0, 0xfff);
        Arbitrary<Long> minors = Arbitraries.longs().between(0, 0xf_ffff);
        return Combinators.combine(majors, minors).as((major, minor) -> major << 32 | minor);
    }

    /** As the kernel prints them: a path begins with a slash, and no newline is left in it. */
    static Arbitrary<String> names() {
        Arbitrary<String> usual = Arbitraries.of(
                "", "[heap]", "[stack]", "[vdso]", "[vvar]", "[anon:x]", "/usr/lib/libc.so.6", "/memfd:heap (deleted)");
        Arbitrary<String> hostile = Arbitraries.of(
                "[anon:  two spaces first]",
                "[anon:]",
                "/ ",
                "/a  b   ",
                "/x (deleted) (deleted)",
                "/a\\012b",
                "/\r\t\u0000\u001b[31m",
                "/7f0000000000-7f0000001000 rw-p 00000000 00:00 0                          [heap]",
                "/\\0127f0000000000-7f0000001000 rw-p 00000000 00:00 0",
                "VmFlags: lo",
                "/żółw/木/🐟",
                "/" + "long/".repeat(1500));
        Arbitrary<String> anything = Arbitraries.strings()
                .withCharRange(' ', '~')
                .withCharRange('\u00a0', '\ud7ff')
                .ofMaxLength(40)
                .map(text -> "/" + text);
        return Arbitraries.oneOf(usual, hostile, anything);
    }
}
