package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MappingKindTest {

    @ParameterizedTest
    @CsvSource({
        "'', ANONYMOUS",
        "[heap], HEAP",
        "[stack], STACK",
        "[stack:4711], THREAD_STACK",
        "[anon:stack_and_tls:4711], THREAD_STACK",
        "[anon: glibc: pthread stack: 4711], THREAD_STACK",
        "[anon:libc_malloc], NAMED_ANONYMOUS",
        "[anon:], NAMED_ANONYMOUS",
        "[anon:[heap]], NAMED_ANONYMOUS",
        "[of a later kernel], NAMED_ANONYMOUS",
        "[vdso], KERNEL_PROVIDED",
        "[vvar], KERNEL_PROVIDED",
        "[vvar_vclock], KERNEL_PROVIDED",
        "[vsyscall], KERNEL_PROVIDED",
        "[vectors], KERNEL_PROVIDED",
        "[uprobes], KERNEL_PROVIDED",
        "[sigpage], KERNEL_PROVIDED",
    })
    void withoutAFile(String name, MappingKind kind) {
        assertThat(mapping(name, 0, false).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/lib/libc.so.6, FILE",
        "/dev/kvm, FILE",
        "/[heap], FILE",
        "/dev/zero, FILE",
        "/SYSV00000000, FILE",
        "/anon_hugepage, FILE",
        "/tmp/x (deleted), DELETED_FILE",
        "/tmp/SYSV00000000 (deleted), DELETED_FILE",
        "/SYSV0000000g (deleted), DELETED_FILE",
        "/SYSV00000000x (deleted), DELETED_FILE",
        "/tmp/dev/zero (deleted), DELETED_FILE",
        "/memfd:java_heap (deleted), MEMFD",
        "/memfd: (deleted), MEMFD",
        "/secretmem (deleted), MEMFD",
        "/[aio] (deleted), KERNEL_OBJECT",
        "/SYSV0123abcd (deleted), SHARED_MEMORY",
        "/dev/zero (deleted), SHARED_MEMORY",
        "/dev/shm/x, SHARED_MEMORY",
        "/dev/shm/x (deleted), SHARED_MEMORY",
        "[anon_shmem:x], SHARED_MEMORY",
        "/anon_hugepage (deleted), HUGETLB",
        "anon_inode:[io_uring], KERNEL_OBJECT",
        "socket:[4711], KERNEL_OBJECT",
    })
    void withAFile(String name, MappingKind kind) {
        assertThat(mapping(name, 4711, false).kind()).isEqualTo(kind);
        assertThat(mapping(name, 4711, true).kind()).isEqualTo(kind);
    }

    /** The first System V segment of a system is inode 0 of its device. */
    @ParameterizedTest
    @CsvSource({"0", "1"})
    void theDeviceAloneMakesAFile(long inode) {
        var range = MemoryRange.of(0x1000, 0x1000);
        var mapping = new Mapping(range, Protection.READ, true, 0, 1, inode, "/SYSV00000000 (deleted)");
        assertThat(mapping.kind()).isEqualTo(MappingKind.SHARED_MEMORY);
    }

    private static Mapping mapping(String name, long inode, boolean shared) {
        return new Mapping(MemoryRange.of(0x1000, 0x1000), Protection.READ_WRITE, shared, 0, inode, inode, name);
    }
}
