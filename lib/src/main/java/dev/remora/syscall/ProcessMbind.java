package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code process_mbind}, as it was proposed in November 2023 and never merged: {@code (pidfd, iovec, vlen, mode, nodemask,
 * flags)}. No released kernel has it, so it has no number. A kernel that was built with it has one, which its user knows
 * and names in the property {@value #NUMBER}. Even then it is only called after this kernel has shown that the number
 * means this call: it refuses what the call has to refuse, and sets a policy for a page of our own.
 */
public final class ProcessMbind {

    /** The property that names the number. */
    public static final String NUMBER = "dev.remora.processMbind";

    /** When it was proposed, all numbers below were taken. */
    private static final int FIRST_FREE = 457;

    private static final int LAST = 0xffff;
    private static final int NO_DESCRIPTOR = -1;
    private static final int NO_SUCH_MODE = 0x7fff;

    private final Kernel kernel;
    private final int number;

    private ProcessMbind(Kernel kernel, int number) {
        this.kernel = kernel;
        this.number = number;
    }

    /** The number that was configured is not that of this call here. */
    public static final class OtherCallException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String explanation;

        private OtherCallException(String explanation) {
            super(explanation);
            this.explanation = explanation;
        }

        public String explanation() {
            return explanation;
        }
    }

    /**
     * Returns the call if a number was configured, null if not, and throws {@link OtherCallException} if this kernel has
     * another call there, or none.
     *
     * @param allowedNode a node on which this process may have memory
     */
    public static @Nullable ProcessMbind configured(Kernel kernel, long pageSize, int allowedNode) {
        String text = System.getProperty(NUMBER);
        if (text == null) {
            return null;
        }
        var candidate = new ProcessMbind(kernel, parse(text));
        candidate.requireProof(pageSize, allowedNode);
        return candidate;
    }

    private static int parse(String text) {
        int parsed = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
        if (parsed < FIRST_FREE || parsed > LAST) {
            throw new OtherCallException(
                    NUMBER + "=" + text + " cannot be the number of process_mbind: that is one from " + FIRST_FREE
                            + " on, since those below belong to calls that are older");
        }
        for (Syscall known : Syscall.values()) {
            if (known.number() == parsed) {
                String name = known.name().toLowerCase(Locale.ROOT);
                throw new OtherCallException(NUMBER + "=" + text + " is the number of " + name);
            }
        }
        return parsed;
    }

    /**
     * Asks in an order in which no question can do harm if the number belongs to another call: first with nothing but an
     * invalid descriptor, which nobody else answers with EBADF here.
     */
    private void requireProof(long pageSize, int allowedNode) {
        require(kernel.call(number, NO_DESCRIPTOR, 0, 0, Linux.MPOL_BIND(), 0, 0), -Linux.EBADF());
        var maps = new MemoryMaps(kernel);
        long page = maps.reserve(pageSize);
        try (Arena arena = Arena.ofConfined();
                Descriptor self = PidFds.open(kernel, new OwnProcess(kernel).pid())) {
            var ranges = new IoVectors(arena, 1);
            ranges.add(page, pageSize);
            long[] nodes = new long[MemoryPolicies.MASK_BYTES / Long.BYTES];
            nodes[allowedNode / Long.SIZE] = 1L << allowedNode;
            MemorySegment mask = MemoryPolicies.mask(nodes, arena);
            require(call(self, ranges, NO_SUCH_MODE, mask, 0), -Linux.EINVAL());
            require(call(self, ranges, Linux.MPOL_BIND(), mask, 0), pageSize);
            MemoryPolicies.Found found = MemoryPolicies.at(kernel, page);
            require(found.mode(), Linux.MPOL_BIND());
            require(Arrays.mismatch(found.nodes(), nodes), -1);
        } finally {
            maps.unmap(page, pageSize);
        }
    }

    private void require(long answer, long expected) {
        if (answer != expected) {
            throw new OtherCallException(NUMBER + "=" + number + " is not the number of process_mbind in this kernel ("
                    + System.getProperty("os.version") + "): asked what only that call answers with " + expected
                    + ", it answered " + answer + (number == FIRST_FREE ? ". Since Linux 6.8 it is statmount" : ""));
        }
    }

    /** Sets a policy for ranges of another process. Returns the bytes of the ranges for which it was set, or −errno. */
    public long call(Descriptor pidFd, IoVectors ranges, int mode, MemorySegment mask, int flags) {
        return kernel.call(number, pidFd.number(), ranges.address(), ranges.size(), mode, mask.address(), flags);
    }
}
