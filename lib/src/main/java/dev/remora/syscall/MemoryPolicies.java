package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The calls for memory policies of the calling process: {@code mbind(2)}, {@code get_mempolicy(2)}, and {@code
 * set_mempolicy_home_node}, Linux 5.17 ({@code mm/mempolicy.c}).
 */
public final class MemoryPolicies {

    /** The most nodes that a kernel can be built for ({@code MAX_NUMNODES}). */
    public static final int MOST_NODES = 1024;

    /** How many bytes a set of {@link #MOST_NODES} takes. */
    public static final int MASK_BYTES = MOST_NODES / Byte.SIZE;

    /** The kernel takes this number less one bits of a mask. */
    public static final long MASK_BITS = MOST_NODES + 1;

    private static final int NO_FLAGS = 0;

    private MemoryPolicies() {}

    /** What is to become of the pages that are there already. */
    public enum Pages {
        LEAVE(0),
        MOVE(Linux.MPOL_MF_MOVE()),
        MOVE_ALL(Linux.MPOL_MF_MOVE_ALL());

        private final int flags;

        Pages(int flags) {
            this.flags = flags;
        }

        /** The flags of {@code mbind}; {@code strict} has it fail for pages that are, or stay, on other nodes. */
        public int flags(boolean strict) {
            return flags | (strict ? Linux.MPOL_MF_STRICT() : 0);
        }
    }

    /** Writes a set of nodes as the kernel takes it. */
    public static MemorySegment mask(long[] nodes, Arena arena) {
        MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
        MemorySegment.copy(nodes, 0, mask, ValueLayout.JAVA_LONG, 0, nodes.length);
        return mask;
    }

    /** Sets the policy for a range of the calling process. Returns 0, or −errno. */
    public static long bind(Kernel kernel, long address, long byteSize, int mode, MemorySegment mask, int flags) {
        return kernel.call(Syscall.MBIND, address, byteSize, mode, mask.address(), MASK_BITS, flags);
    }

    /** Sets the node that is tried first for a range that has a policy with several nodes. Returns 0, or −errno. */
    public static long homeNode(Kernel kernel, long address, long byteSize, int node) {
        return kernel.call(Syscall.SET_MEMPOLICY_HOME_NODE, address, byteSize, node, NO_FLAGS);
    }

    /** The policy at an address. */
    public static final class Found {

        private final int mode;
        private final long[] nodes;

        private Found(int mode, long[] nodes) {
            this.mode = mode;
            this.nodes = nodes;
        }

        /** The number of the mode, with its flags. */
        public int mode() {
            return mode;
        }

        /** One bit for each node. */
        public long[] nodes() {
            return nodes.clone();
        }
    }

    /** Looks at the policy of the mapping at an address, without touching its memory, or throws {@link ErrnoException}. */
    public static Found at(Kernel kernel, long address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mode = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
            long result = kernel.call(
                    Syscall.GET_MEMPOLICY, mode.address(), mask.address(), MASK_BITS, address, Linux.MPOL_F_ADDR());
            ErrnoException.check(result, "get_mempolicy", "0x" + Long.toHexString(address));
            return new Found(mode.get(ValueLayout.JAVA_INT, 0), mask.toArray(ValueLayout.JAVA_LONG));
        }
    }
}
