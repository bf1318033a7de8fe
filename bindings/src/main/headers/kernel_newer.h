/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel interfaces newer than the headers Remora is built with (Linux 6.1).
 *
 * The names and layouts are the kernel's ABI. A name that the installed headers know already is left to them, with one
 * exception: struct pidfd_info (see there). Each structure declared here also defines REMORA_DECLARES_<name>, so that a
 * test can tell which layouts were compared with the system's own headers and which only with this file.
 */
#ifndef REMORA_KERNEL_NEWER_H
#define REMORA_KERNEL_NEWER_H

#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/types.h>

/*
 * struct pidfd_info has grown three times since Linux 6.13. The installed one, of whatever size, gets another name,
 * because the generated class must not depend on the machine it was generated on.
 */
#define pidfd_info system_pidfd_info
#include <linux/pidfd.h>
#undef pidfd_info

/* madvise(2): 6.1 and 6.13. */

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef MADV_GUARD_REMOVE
#define MADV_GUARD_REMOVE 103
#endif

/* set_mempolicy(2): 6.9. In newer headers this is an enum constant of the same value, which the macro hides. */

#ifndef MPOL_WEIGHTED_INTERLEAVE
#define MPOL_WEIGHTED_INTERLEAVE 6
#endif

/* pidfd_open(2) and pidfd_send_signal(2): 6.9; PIDFD_SELF: 6.15. */

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif
#ifndef PIDFD_SELF
#define PIDFD_SELF (-10000)
#endif
#ifndef PIDFD_SIGNAL_THREAD
#define PIDFD_SIGNAL_THREAD (1UL << 0)
#define PIDFD_SIGNAL_THREAD_GROUP (1UL << 1)
#define PIDFD_SIGNAL_PROCESS_GROUP (1UL << 2)
#endif

/* ioctl(2) on a pidfd: what the kernel knows about a process, even after it exited. */

#ifndef PIDFD_INFO_PID
#define PIDFD_INFO_PID (1UL << 0)
#endif
#ifndef PIDFD_INFO_CREDS
#define PIDFD_INFO_CREDS (1UL << 1)
#endif
#ifndef PIDFD_INFO_CGROUPID
#define PIDFD_INFO_CGROUPID (1UL << 2)
#endif
#ifndef PIDFD_INFO_EXIT
#define PIDFD_INFO_EXIT (1UL << 3)
#endif
#ifndef PIDFD_INFO_COREDUMP
#define PIDFD_INFO_COREDUMP (1UL << 4)
#endif
#ifndef PIDFD_INFO_SUPPORTED_MASK
#define PIDFD_INFO_SUPPORTED_MASK (1UL << 5)
#endif
#ifndef PIDFD_INFO_COREDUMP_SIGNAL
#define PIDFD_INFO_COREDUMP_SIGNAL (1UL << 6)
#endif
#ifndef PIDFD_INFO_COREDUMP_CODE
#define PIDFD_INFO_COREDUMP_CODE (1UL << 7)
#endif

#ifndef PIDFD_INFO_SIZE_VER0
#define PIDFD_INFO_SIZE_VER0 64
#endif
#ifndef PIDFD_INFO_SIZE_VER1
#define PIDFD_INFO_SIZE_VER1 72
#endif
#ifndef PIDFD_INFO_SIZE_VER2
#define PIDFD_INFO_SIZE_VER2 80
#endif
#ifndef PIDFD_INFO_SIZE_VER3
#define PIDFD_INFO_SIZE_VER3 88
#endif

/*
 * The 88 bytes of version 3 (Linux 7.1). The fields up to coredump_signal never moved, but supported_mask did: version
 * 2 (80 bytes) has it at offset 72, where version 3 has coredump_code.
 */
#define REMORA_DECLARES_pidfd_info 1
struct pidfd_info {
    __u64 mask; /* in: what is wanted, out: which fields hold an answer */
    __u64 cgroupid;
    __u32 pid;
    __u32 tgid;
    __u32 ppid;
    __u32 ruid;
    __u32 rgid;
    __u32 euid;
    __u32 egid;
    __u32 suid;
    __u32 sgid;
    __u32 fsuid;
    __u32 fsgid;
    __s32 exit_code; /* as waitpid(2) reports it */
    __u32 coredump_mask;
    __u32 coredump_signal;
    __u32 coredump_code; /* the si_code of the signal */
    __u32 coredump_pad;
    __u64 supported_mask;
};

#ifdef PIDFD_GET_INFO
_Static_assert(__builtin_offsetof(struct system_pidfd_info, exit_code) ==
                   __builtin_offsetof(struct pidfd_info, exit_code),
               "the fields of version 0 are where the installed headers have them");
#else
#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct pidfd_info)
#endif

/* ioctl(2) on /proc/PID/pagemap: 6.7; the last two categories are newer. */

#ifndef PAGEMAP_SCAN
#define REMORA_DECLARES_page_region 1
struct page_region {
    __u64 start;
    __u64 end; /* exclusive */
    __u64 categories;
};

#define REMORA_DECLARES_pm_scan_arg 1
struct pm_scan_arg {
    __u64 size;
    __u64 flags;
    __u64 start;
    __u64 end;
    __u64 walk_end; /* out: where the scan stopped */
    __u64 vec;      /* address of an array of struct page_region */
    __u64 vec_len;
    __u64 max_pages; /* 0: no limit */
    __u64 category_inverted;
    __u64 category_mask;
    __u64 category_anyof_mask;
    __u64 return_mask;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#define PM_SCAN_WP_MATCHING (1 << 0)
#define PM_SCAN_CHECK_WPASYNC (1 << 1)
#define PAGE_IS_WPALLOWED (1 << 0)
#define PAGE_IS_WRITTEN (1 << 1)
#define PAGE_IS_FILE (1 << 2)
#define PAGE_IS_PRESENT (1 << 3)
#define PAGE_IS_SWAPPED (1 << 4)
#define PAGE_IS_PFNZERO (1 << 5)
#define PAGE_IS_HUGE (1 << 6)
#endif
#ifndef PAGE_IS_SOFT_DIRTY
#define PAGE_IS_SOFT_DIRTY (1 << 7)
#endif
#ifndef PAGE_IS_GUARD
#define PAGE_IS_GUARD (1 << 8)
#endif

/* userfaultfd(2): 6.4 and 6.7. */

#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

/* ioctl(2) on /proc/PID/maps: 6.11. */

#ifndef PROCMAP_QUERY
enum procmap_query_flags {
    PROCMAP_QUERY_VMA_READABLE = 1 << 0,
    PROCMAP_QUERY_VMA_WRITABLE = 1 << 1,
    PROCMAP_QUERY_VMA_EXECUTABLE = 1 << 2,
    PROCMAP_QUERY_VMA_SHARED = 1 << 3,
    PROCMAP_QUERY_COVERING_OR_NEXT_VMA = 1 << 4,
    PROCMAP_QUERY_FILE_BACKED_VMA = 1 << 5,
};

#define REMORA_DECLARES_procmap_query 1
struct procmap_query {
    __u64 size;
    __u64 query_flags;
    __u64 query_addr;
    __u64 vma_start;
    __u64 vma_end;
    __u64 vma_flags;
    __u64 vma_page_size;
    __u64 vma_offset;
    __u64 inode;
    __u32 dev_major;
    __u32 dev_minor;
    __u32 vma_name_size; /* in: size of the buffer, out: length with the final zero byte */
    __u32 build_id_size; /* in: size of the buffer, out: length, 0 if there is none */
    __u64 vma_name_addr;
    __u64 build_id_addr;
};

#define PROCMAP_QUERY _IOWR('f', 17, struct procmap_query)
#endif

#endif
