package dev.remora.addressspace;

import java.util.regex.Pattern;

/**
 * What a mapping is, as far as its line in {@code /proc/PID/maps} tells.
 *
 * <p>The kernel does not write the kind down: it follows from whether there is a file and from the name. So each constant
 * says how it is recognised, and what that cannot tell. Source: {@code proc_pid_maps(5)}, {@code get_vma_name} of the
 * kernel's {@code fs/proc/task_mmu.c}.
 */
public enum MappingKind {

    /** The program break of the process, where small allocations come from: {@code [heap]}. Other heaps are anonymous. */
    HEAP,

    /** The stack of the main thread: {@code [stack]}. */
    STACK,

    /**
     * The stack of another thread, where its name says so. Linux 3.4 to 4.4 called them {@code [stack:TID]}. Later
     * kernels know nothing of them: only a process that names its memory ({@code PR_SET_VMA_ANON_NAME}, Linux 5.17) gives
     * them a name with {@code stack} in it, as Android's C library does, and glibc with the tunable {@code
     * glibc.mem.decorate_maps}. On most systems the stacks of threads are just {@link #ANONYMOUS}.
     */
    THREAD_STACK,

    /**
     * What the kernel installs in every process: {@code [vdso]}, {@code [vvar]}, {@code [vvar_vclock]}, {@code
     * [vsyscall]}, {@code [uprobes]}, {@code [sigpage]}. It is no memory of the process.
     */
    KERNEL_PROVIDED,

    /** Private anonymous memory without a name: {@code malloc}, the heap of most JVMs, stacks of threads. */
    ANONYMOUS,

    /** Private memory without a file that has a name: {@code [anon:NAME]}, which the process gave it (Linux 5.17). */
    NAMED_ANONYMOUS,

    /** A file that has a name, private or shared; also a device. */
    FILE,

    /**
     * A file that has no name any more: its path ends in {@code " (deleted)"}. A file whose name really ends so cannot be
     * told apart, but for its inode.
     */
    DELETED_FILE,

    /**
     * A file without a name from {@code memfd_create(2)}: {@code /memfd:NAME (deleted)}. The heap of ZGC is one. Or from {@code
     * memfd_secret(2)}, which nobody else can read: {@code /secretmem (deleted)}.
     */
    MEMFD,

    /**
     * Memory that can be shared between processes: System V segments ({@code /SYSV0123abcd (deleted)}), shared anonymous
     * memory ({@code /dev/zero (deleted)}, or {@code [anon_shmem:NAME]} with a name), and files in {@code /dev/shm}, also
     * deleted ones. Files of a tmpfs that is mounted elsewhere are not recognised: they are a {@link #FILE}.
     */
    SHARED_MEMORY,

    /**
     * Anonymous huge pages from the pool of hugetlb ({@code MAP_HUGETLB}): {@code /anon_hugepage (deleted)}. Files of a
     * hugetlbfs, memfds and System V segments with huge pages look like others: the page size in {@code smaps} tells.
     */
    HUGETLB,

    /**
     * An object of the kernel that is mapped: {@code anon_inode:[io_uring]}, {@code socket:[4711]}, the ring of {@code
     * io_setup(2)}, {@code /[aio] (deleted)}.
     */
    KERNEL_OBJECT;

    private static final Pattern SYSTEM_V = Pattern.compile("/SYSV[0-9a-f]{8} \\(deleted\\)");

    static MappingKind of(Mapping mapping) {
        return mapping.fileBacked() ? ofFile(mapping.name(), mapping.deleted()) : ofMemory(mapping);
    }

    private static MappingKind ofFile(String name, boolean deleted) {
        if (name.startsWith("[anon_shmem:")) {
            return SHARED_MEMORY;
        }
        if (!name.startsWith("/")) {
            return KERNEL_OBJECT;
        }
        if (name.startsWith("/memfd:")) {
            return MEMFD;
        }
        if (name.startsWith("/dev/shm/")) {
            return SHARED_MEMORY;
        }
        return deleted ? ofDeletedFile(name) : FILE;
    }

    private static MappingKind ofDeletedFile(String name) {
        return switch (name) {
            case "/anon_hugepage (deleted)" -> HUGETLB;
            case "/dev/zero (deleted)" -> SHARED_MEMORY;
            case "/secretmem (deleted)" -> MEMFD;
            case "/[aio] (deleted)" -> KERNEL_OBJECT;
            default -> SYSTEM_V.matcher(name).matches() ? SHARED_MEMORY : DELETED_FILE;
        };
    }

    private static MappingKind ofMemory(Mapping mapping) {
        String name = mapping.name();
        if (name.isEmpty()) {
            return ANONYMOUS;
        }
        if (mapping.providedByKernel()) {
            return KERNEL_PROVIDED;
        }
        return switch (name) {
            case "[heap]" -> HEAP;
            case "[stack]" -> STACK;
            default -> namedStack(name) ? THREAD_STACK : NAMED_ANONYMOUS;
        };
    }

    private static boolean namedStack(String name) {
        return name.startsWith("[stack:") || (name.startsWith("[anon:") && name.contains("stack"));
    }
}
