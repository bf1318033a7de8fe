package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules by which parts of a JVM are found, each on a layout that a real one had, as far as the rule looks at it. */
final class JvmMemoryTest {

    private static final String JVM = "7f0000000000-7f0000001000 r-xp 0 1:1 7 /opt/java/lib/server/libjvm.so\n";

    private static JvmMemory found(String maps) {
        return JvmMemory.of(space(maps + JVM)).orElseThrow();
    }

    private static AddressSpace space(String maps) {
        return new AddressSpace(maps.lines().map(JvmMemoryTest::mapping).toList());
    }

    private static Mapping mapping(String line) {
        String[] words = line.strip().split(" +", 6);
        String[] borders = words[0].split("-", -1);
        String flags = words[1];
        return new Mapping(
                MemoryRange.between(Long.parseUnsignedLong(borders[0], 16), Long.parseUnsignedLong(borders[1], 16)),
                new Protection(flags.charAt(0) == 'r', flags.charAt(1) == 'w', flags.charAt(2) == 'x'),
                flags.charAt(3) == 's',
                0,
                0,
                words.length > 4 ? Long.parseLong(words[4]) : 0,
                words.length > 5 ? words[5] : "");
    }

    private static MemoryRange range(long address, long end) {
        return MemoryRange.between(address, end);
    }

    @Test
    void withoutItsLibraryAProcessIsNoJvm() {
        assertThat(JvmMemory.of(space("fa000000-100000000 rw-p 0 0:0 0"))).isEmpty();
        assertThat(JvmMemory.of(space("1000-2000 r-xp 0 1:1 7 /x/libjvm.so (deleted)")))
                .isPresent();
        assertThat(JvmMemory.of(space("1000-2000 r-xp 0 1:1 7 /x/notlibjvm.so")))
                .isEmpty();
    }

    /** Serial, with an archive of classes and the class space below the heap. */
    @Test
    void theHeapIsWhatLiesLowAndIsNoClassSpace() {
        JvmMemory found = found("""
            64000000-64001000 ---p 0 0:0 0
            64001000-64d95000 rw-p 0 1:1 7 /opt/java/lib/server/classes.jsa
            64d95000-65000000 ---p 0 0:0 0
            65000000-65010000 rw-p 0 0:0 0
            65010000-65040000 ---p 0 0:0 0
            65040000-65050000 rw-p 0 0:0 0
            65050000-a5000000 ---p 0 0:0 0
            fa000000-fb000000 rw-p 0 0:0 0
            fb000000-fc000000 ---p 0 0:0 0
            fc000000-fe000000 rw-p 0 0:0 0
            fe000000-100000000 ---p 0 0:0 0
            """);
        assertThat(found.heap()).containsExactly(range(0xfa000000L, 0x100000000L));
        assertThat(found.metaspace()).containsExactly(range(0x65000000L, 0x65010000L), range(0x65040000L, 0x65050000L));
    }

    /** G1 maps objects of the archive into its last regions. */
    @Test
    void objectsOfTheArchiveAreInTheHeap() {
        JvmMemory found = found("""
            687400000-69f000000 rw-p 0 0:0 0
            69f000000-7ffc00000 ---p 0 0:0 0
            7ffc00000-7ffd24000 rw-p 0 1:1 7 /opt/java/lib/server/classes.jsa
            7ffd24000-800000000 rw-p 0 0:0 0
            """);
        assertThat(found.heap()).containsExactly(range(0x687400000L, 0x800000000L));
        assertThat(found.metaspace()).isEmpty();
    }

    /** Of a class space without an archive less is in use than of a heap. */
    @Test
    void withoutAnArchiveTheHeapIsWhatIsUsedMore() {
        JvmMemory found = found("""
            af000000-af080000 rw-p 0 0:0 0
            af080000-af090000 rw-p 0 0:0 0
            af090000-ef000000 ---p 0 0:0 0
            fa000000-100000000 rw-p 0 0:0 0
            """);
        assertThat(found.heap()).containsExactly(range(0xfa000000L, 0x100000000L));
        assertThat(found.metaspace()).containsExactly(range(0xaf000000L, 0xaf080000L), range(0xaf080000L, 0xaf090000L));
    }

    /** ZGC of JDK 17 maps it three times. */
    @Test
    void aSharedHeapIsFoundByItsName() {
        JvmMemory found = found("""
            fa000000-100000000 rw-p 0 0:0 0
            40000000000-40003000000 rw-s 0 0:1 9 /memfd:java_heap (deleted)
            40003000000-40060000000 ---p 0 0:0 0
            80000000000-80003000000 rw-s 0 0:1 9 /memfd:java_heap (deleted)
            80003000000-80060000000 ---p 0 0:0 0
            100000000000-100003000000 rw-s 0 0:1 9 /memfd:java_heap (deleted)
            """);
        assertThat(found.heap())
                .containsExactly(
                        range(0x40000000000L, 0x40003000000L),
                        range(0x80000000000L, 0x80003000000L),
                        range(0x100000000000L, 0x100003000000L));
    }

    /** G1 without compressed object pointers: stacks on both sides, and the class space is low. */
    @Test
    void aHeapThatCanBeAnywhereIsTheLargestWithItsLargeNeighbours() {
        JvmMemory found = found("""
            9d001000-9dd96000 rw-p 0 1:1 7 /opt/java/lib/server/classes_nocoops.jsa
            9dd96000-9e000000 ---p 0 0:0 0
            9e000000-9e010000 rw-p 0 0:0 0
            9e010000-de000000 ---p 0 0:0 0
            7ef8e4021000-7ef8e8000000 ---p 0 0:0 0
            7ef8ea100000-7ef8ea104000 ---p 0 0:0 0
            7ef8ea104000-7ef8ea200000 rw-p 0 0:0 0
            7ef8ea200000-7ef8ee000000 rw-p 0 0:0 0
            7ef8ee000000-7ef8f0000000 ---p 0 0:0 0
            7ef8f0000000-7ef8f0185000 rw-p 0 1:1 7 /opt/java/lib/server/classes_nocoops.jsa
            7ef8f0185000-7ef8f0200000 rw-p 0 0:0 0
            7ef8f02ff000-7ef8f0303000 ---p 0 0:0 0
            7ef8f0303000-7ef8f03ff000 rw-p 0 0:0 0
            """);
        assertThat(found.heap()).containsExactly(range(0x7ef8ea200000L, 0x7ef8f0200000L));
        assertThat(found.threadStacks())
                .containsExactly(range(0x7ef8ea104000L, 0x7ef8ea200000L), range(0x7ef8f0303000L, 0x7ef8f03ff000L));
    }

    /** Parallel with 33 GiB: of both generations little is in use, less than of the marks beside. */
    @Test
    void ofALargeHeapMuchIsOnlyReserved() {
        JvmMemory found = found("""
            7e00ef000000-7e00f8000000 rw-p 0 0:0 0
            7e13f0200000-7e1409000000 rw-p 0 0:0 0
            7e1409000000-7e1970200000 ---p 0 0:0 0
            7e1970200000-7e1978200000 rw-p 0 0:0 0
            7e1978200000-7e1c30200000 ---p 0 0:0 0
            7e1c30200000-7e1c30210000 rw-p 0 0:0 0
            """);
        assertThat(found.heap()).containsExactly(range(0x7e13f0200000L, 0x7e1c30200000L));
    }

    /** What was joined with its beginning and its end does not reach the borders that a heap has. */
    @Test
    void aHeapThatCanBeAnywhereBeginsAndEndsAtWholeHugePages() {
        JvmMemory found = found("""
            7eb62bff0000-7eb62e000000 rw-p 0 0:0 0
            7eb62e000000-7ec02c010000 ---p 0 0:0 0
            """);
        assertThat(found.heap()).containsExactly(range(0x7eb62c000000L, 0x7ec02c000000L));
    }

    @Test
    void codeIsWhatCanBeWrittenAndExecuted() {
        JvmMemory found = found("""
            7e53b83ff000-7e53b866f000 rwxp 0 0:0 0
            7e53b866f000-7e53bf938000 ---p 0 0:0 0
            7e53bf938000-7e53bfba8000 rwxp 0 0:0 0
            7e53bfba8000-7e53bfbb8000 r-xp 0 0:0 0
            7e53bfbb8000-7e53bfbc8000 rwxp 0 1:1 7 /some/file
            """);
        assertThat(found.codeCache())
                .containsExactly(range(0x7e53b83ff000L, 0x7e53b866f000L), range(0x7e53bf938000L, 0x7e53bfba8000L));
    }

    /** The second begins like an arena, but has a second chunk; the third is one; the fourth begins where none does. */
    @Test
    void metaspaceIsToldFromArenas() {
        JvmMemory found = found("""
            7e5388000000-7e5388021000 rw-p 0 0:0 0
            7e5388021000-7e538c000000 ---p 0 0:0 0
            7e53b0000000-7e53b0050000 rw-p 0 0:0 0
            7e53b0050000-7e53b0400000 ---p 0 0:0 0
            7e53b0400000-7e53b0410000 rw-p 0 0:0 0
            7e53b0410000-7e53b4000000 ---p 0 0:0 0
            7e53b4000000-7e53b4020000 rw-p 0 0:0 0
            7e53b4020000-7e53b8000000 ---p 0 0:0 0
            7e53bd000000-7e53bd010000 rw-p 0 0:0 0
            7e53bd010000-7e53c1000000 ---p 0 0:0 0
            7e53d0000000-7e53d00a0000 rw-p 0 0:0 0
            7e53d00a0000-7e53d3000000 ---p 0 0:0 0
            """);
        assertThat(found.metaspace())
                .containsExactly(
                        range(0x7e53b0000000L, 0x7e53b0050000L),
                        range(0x7e53b0400000L, 0x7e53b0410000L),
                        range(0x7e53bd000000L, 0x7e53bd010000L));
    }

    @Test
    void stacksLieAboveASmallGuard() {
        JvmMemory found = found("""
            7e53d513e000-7e53d5142000 ---p 0 0:0 0
            7e53d5142000-7e53d523e000 rw-p 0 0:0 0
            7e53d523e000-7e53d523f000 ---p 0 0:0 0
            7e53d523f000-7e53d533f000 rw-p 0 0:0 0
            7e53d533f000-7e53d543f000 ---p 0 0:0 0
            7e53d543f000-7e53d553f000 rw-p 0 0:0 0
            7e53d5e2a000-7e53d5e3a000 rw-p 0 0:0 0
            7e53d5e3a000-7e53d5e4a000 ---p 0 0:0 0
            7e53d5e4a000-7e53d5e4f000 rw-p 0 0:0 0
            """);
        assertThat(found.threadStacks())
                .containsExactly(range(0x7e53d5142000L, 0x7e53d523e000L), range(0x7e53d523f000L, 0x7e53d533f000L));
    }

    @Test
    void nothingIsFoundWhereNothingIs() {
        assertThat(found("")).isEqualTo(new JvmMemory(List.of(), List.of(), List.of(), List.of()));
    }

    @Test
    void printsATable() {
        assertThat(found("fa000000-100000000 rw-p 0 0:0 0\n")).hasToString("""
            a HotSpot JVM
              Java heap     1  96 MiB
              code cache    0 0 bytes
              metaspace     0 0 bytes
              thread stacks 0 0 bytes\
            """);
    }

    /** What is reserved, and not for the heap, can be larger than a heap that is anywhere. */
    @Test
    void largeReservesOfSomebodyElseAreNoHeap() {
        assertThat(found("""
            7c0000000000-7c0000100000 rw-p 0 0:0 0
            7c0000100000-7d0000000000 ---p 0 0:0 0
            """).heap()).isEmpty();
        assertThat(found("""
            7c0000000000-7cffffff0000 ---p 0 0:0 0
            7cffffff0000-7d0000000000 rw-p 0 0:0 0
            """).heap()).isEmpty();
    }
}
