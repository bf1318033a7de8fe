package dev.remora.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class SyscallsAarch64Test {
    /** Written down apart from the table the class is generated from, which could only agree with itself. */
    private static final Map<String, Integer> NUMBERS = Map.ofEntries(
            Map.entry("__NR_getcwd", 17),
            Map.entry("__NR_epoll_create1", 20),
            Map.entry("__NR_fcntl", 25),
            Map.entry("__NR_ioctl", 29),
            Map.entry("__NR_ftruncate", 46),
            Map.entry("__NR_openat", 56),
            Map.entry("__NR_close", 57),
            Map.entry("__NR_lseek", 62),
            Map.entry("__NR_read", 63),
            Map.entry("__NR_ppoll", 73),
            Map.entry("__NR_newfstatat", 79),
            Map.entry("__NR_fstat", 80),
            Map.entry("__NR_exit_group", 94),
            Map.entry("__NR_waitid", 95),
            Map.entry("__NR_futex", 98),
            Map.entry("__NR_ptrace", 117),
            Map.entry("__NR_kill", 129),
            Map.entry("__NR_prctl", 167),
            Map.entry("__NR_getpid", 172),
            Map.entry("__NR_munmap", 215),
            Map.entry("__NR_clone", 220),
            Map.entry("__NR_execve", 221),
            Map.entry("__NR_mmap", 222),
            Map.entry("__NR_mincore", 232),
            Map.entry("__NR_madvise", 233),
            Map.entry("__NR_mbind", 235),
            Map.entry("__NR_get_mempolicy", 236),
            Map.entry("__NR_set_mempolicy", 237),
            Map.entry("__NR_migrate_pages", 238),
            Map.entry("__NR_move_pages", 239),
            Map.entry("__NR_perf_event_open", 241),
            Map.entry("__NR_prlimit64", 261),
            Map.entry("__NR_process_vm_readv", 270),
            Map.entry("__NR_process_vm_writev", 271),
            Map.entry("__NR_seccomp", 277),
            Map.entry("__NR_memfd_create", 279),
            Map.entry("__NR_bpf", 280),
            Map.entry("__NR_userfaultfd", 282),
            Map.entry("__NR_statx", 291),
            Map.entry("__NR_pidfd_send_signal", 424),
            Map.entry("__NR_pidfd_open", 434),
            Map.entry("__NR_clone3", 435),
            Map.entry("__NR_pidfd_getfd", 438),
            Map.entry("__NR_process_madvise", 440),
            Map.entry("__NR_process_mrelease", 448),
            Map.entry("__NR_set_mempolicy_home_node", 450),
            Map.entry("__NR_cachestat", 451),
            Map.entry("__NR_statmount", 457),
            Map.entry("__NR_mseal", 462));

    @Test
    void numbersAreThoseOfAarch64() {
        NUMBERS.forEach((name, number) -> assertEquals(number, HeaderClass.SYSCALLS_AARCH64.value(name), name));
    }
}
