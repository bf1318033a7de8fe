package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MappingTest {

    private static final boolean PRIVATE = false;
    private static final boolean SHARED = true;

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                // name, shared, inode, anonymous, file-backed, deleted
                "\"\",                              false, 0,    true,  false, false",
                "[heap],                            false, 0,    true,  false, false",
                "[stack],                           false, 0,    true,  false, false",
                "[anon:x],                          false, 0,    true,  false, false",
                "[anon:vdso],                       false, 0,    true,  false, false",
                "[vdso],                            false, 0,    false, false, false",
                "[vvar],                            false, 0,    false, false, false",
                "[vvar_vclock],                     false, 0,    false, false, false",
                "[vsyscall],                        false, 0,    false, false, false",
                "[uprobes],                         false, 0,    false, false, false",
                "[sigpage],                         false, 0,    false, false, false",
                "[anon_shmem:x],                    true,  1042, false, true,  false",
                "/usr/lib/libc.so.6,                false, 777,  false, true,  false",
                "/var/lib/data,                     true,  778,  false, true,  false",
                "/usr/lib/old.so (deleted),         false, 779,  false, true,  true",
                "/memfd:java_heap (deleted),        true,  1043, false, true,  true",
                "/dev/zero (deleted),               true,  1044, false, true,  true",
                "/SYSV0000162e (deleted),           true,  3,    false, true,  true",
                "/tmp/ (deleted) ones,              false, 780,  false, true,  false",
                "[anon:is it (deleted)],            false, 0,    true,  false, false",
            })
    void knowsWhatIsBehindIt(
            String name, boolean shared, long inode, boolean anonymous, boolean fileBacked, boolean deleted) {
        var mapping = mapping(shared, inode, name);
        assertThat(mapping.anonymous()).as("anonymous").isEqualTo(anonymous);
        assertThat(mapping.fileBacked()).as("file-backed").isEqualTo(fileBacked);
        assertThat(mapping.deleted()).as("deleted").isEqualTo(deleted);
    }

    @Test
    void aFileCountsAlsoWhenItsInodeIsInTheUpperHalf() {
        assertThat(mapping(PRIVATE, -1, "/x").fileBacked()).isTrue();
    }

    @Test
    void aFileCountsAlsoWhenItsInodeIsZeroAsThatOfTheFirstSystemVSegment() {
        var range = MemoryRange.of(0x7f12_0000_0000L, 4096);
        var mapping = new Mapping(range, Protection.READ_WRITE, SHARED, 0, 1, 0, "/SYSV00000000 (deleted)");
        assertThat(mapping.fileBacked()).isTrue();
        assertThat(mapping.deleted()).isTrue();
        assertThat(mapping.anonymous()).isFalse();
    }

    @Test
    void takesItsBordersFromItsRange() {
        var mapping = mapping(PRIVATE, 0, "");
        assertThat(mapping.address()).isEqualTo(0x7f12_0000_0000L);
        assertThat(mapping.byteSize()).isEqualTo(64 * ByteSize.MiB);
        assertThat(mapping.end()).isEqualTo(0x7f12_0400_0000L);
    }

    @Test
    void printsAsOneLine() {
        assertThat(mapping(PRIVATE, 0, "[heap]")).hasToString("0x7f1200000000-0x7f1204000000 rw-p 64 MiB [heap]");
        assertThat(mapping(SHARED, 9, "/a b")).hasToString("0x7f1200000000-0x7f1204000000 rw-s 64 MiB /a b");
        assertThat(mapping(SHARED, 9, "/\u001b[2J\u0085"))
                .hasToString("0x7f1200000000-0x7f1204000000 rw-s 64 MiB /\\033[2J\\205");
        assertThat(mapping(PRIVATE, 0, "")).hasToString("0x7f1200000000-0x7f1204000000 rw-p 64 MiB");
    }

    private static Mapping mapping(boolean shared, long inode, String name) {
        var range = MemoryRange.of(0x7f12_0000_0000L, 64 * ByteSize.MiB);
        return new Mapping(range, Protection.READ_WRITE, shared, 0, 0, inode, name);
    }
}
