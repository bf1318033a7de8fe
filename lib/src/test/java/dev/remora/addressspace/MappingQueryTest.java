package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MappingQueryTest {

    private static final Mapping HEAP = mapping("rw-p", 0);
    private static final Mapping CODE = mapping("r-xp", 4711);
    private static final Mapping SHARED = mapping("rw-s", 4711);
    private static final Mapping RESERVED = mapping("---p", 0);

    private static Mapping mapping(String flags, long inode) {
        var protection = new Protection(flags.charAt(0) == 'r', flags.charAt(1) == 'w', flags.charAt(2) == 'x');
        return new Mapping(MemoryRange.of(0x1000, 0x1000), protection, flags.charAt(3) == 's', 0, 0, inode, "");
    }

    @Test
    void anyIsAnsweredByEverything() {
        assertMatches(MappingQuery.any(), true, true, true, true);
    }

    @Test
    void eachConditionNarrows() {
        assertMatches(MappingQuery.any().readable(), true, true, true, false);
        assertMatches(MappingQuery.any().writable(), true, false, true, false);
        assertMatches(MappingQuery.any().executable(), false, true, false, false);
        assertMatches(MappingQuery.any().shared(), false, false, true, false);
        assertMatches(MappingQuery.any().fileBacked(), false, true, true, false);
        assertMatches(MappingQuery.any().writable().fileBacked(), false, false, true, false);
        assertMatches(MappingQuery.any().writable().executable(), false, false, false, false);
    }

    private static void assertMatches(
            MappingQuery query, boolean heap, boolean code, boolean shared, boolean reserved) {
        assertThat(query.matches(HEAP)).as("%s: heap", query).isEqualTo(heap);
        assertThat(query.matches(CODE)).as("%s: code", query).isEqualTo(code);
        assertThat(query.matches(SHARED)).as("%s: shared", query).isEqualTo(shared);
        assertThat(query.matches(RESERVED)).as("%s: reserved", query).isEqualTo(reserved);
    }

    @Test
    void theOrderOfConditionsDoesNotMatter() {
        var one = MappingQuery.any().readable().writable().executable().shared().fileBacked();
        var other =
                MappingQuery.any().fileBacked().shared().executable().writable().readable();
        assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
        assertThat(one).isNotEqualTo(MappingQuery.any()).isNotEqualTo("any");
        assertThat(MappingQuery.any().shared()).isNotEqualTo(MappingQuery.any().readable());
    }

    @Test
    void itIsNotChangedByNarrowingIt() {
        var any = MappingQuery.any();
        assertThat(any.writable()).isNotEqualTo(any);
        assertThat(any.asksForWritable()).isFalse();
        assertThat(any.writable().asksForWritable()).isTrue();
    }

    @Test
    void printsItsConditions() {
        assertThat(MappingQuery.any()).hasToString("any");
        assertThat(MappingQuery.any().fileBacked().readable()).hasToString("readable, file-backed");
        assertThat(MappingQuery.any().shared().writable().executable()).hasToString("writable, executable, shared");
    }
}
