package dev.remora.numa;

import dev.remora.bindings.Linux;

/**
 * What the node numbers of a {@link MemoryPolicy} mean when the nodes on which a process may have memory change, as they
 * do when its cpuset does, or it is moved to another one.
 *
 * <p>Source: {@code set_mempolicy(2)}, and the kernel's {@code Documentation/admin-guide/mm/numa_memory_policy.rst}.
 */
public enum NodeNumbers {
    /** The kernel replaces the nodes: the first of the old nodes by the first of the new ones, and so on. */
    REMAPPED(0, ""),

    /**
     * The numbers are those of the machine and stay. Nodes that are not allowed are left out for as long as they are not.
     *
     * <p>Kernel: {@code MPOL_F_STATIC_NODES}, Linux 2.6.26.
     */
    STATIC(Linux.MPOL_F_STATIC_NODES(), "static"),

    /**
     * The numbers are places among the nodes that are allowed: 0 is the first of them. Numbers that go beyond the last
     * start again at the first.
     *
     * <p>Kernel: {@code MPOL_F_RELATIVE_NODES}, Linux 2.6.26.
     */
    RELATIVE(Linux.MPOL_F_RELATIVE_NODES(), "relative");

    private final int flag;
    private final String word;

    NodeNumbers(int flag, String word) {
        this.flag = flag;
        this.word = word;
    }

    int flag() {
        return flag;
    }

    /** What numa_maps calls it. */
    String word() {
        return word;
    }

    /** The first kernel that takes a policy with these numbers, which came with another one. */
    String firstKernel(String firstKernelOfMode) {
        return this == REMAPPED ? firstKernelOfMode : "2.6.26";
    }
}
