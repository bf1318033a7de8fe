package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;
import java.lang.ref.Reference;

/**
 * {@code process_madvise(2)}, Linux 5.10.
 *
 * <p>The result counts the bytes of the ranges that succeeded whole, up to the first that did not; why that one did not
 * shows only when the call is repeated from there.
 */
public final class ProcessMadvise {

    private ProcessMadvise() {}

    /** Returns the bytes advised, or −errno. */
    public static long call(Kernel kernel, Descriptor pidFd, IoVectors ranges, int advice) {
        return call(kernel, pidFd, ranges, 0, ranges.size(), advice);
    }

    /** The same for some of the ranges, from one on. */
    public static long call(Kernel kernel, Descriptor pidFd, IoVectors ranges, int first, int count, int advice) {
        try {
            return kernel.call(Syscall.PROCESS_MADVISE, pidFd.number(), ranges.addressOf(first), count, advice, 0);
        } finally {
            Reference.reachabilityFence(ranges);
        }
    }

    /**
     * Says whether the kernel knows this advice for another process, without giving it: an empty vector is refused with
     * EINVAL only for the advice.
     */
    public static boolean knows(Kernel kernel, Descriptor pidFd, int advice) {
        try (Arena arena = Arena.ofConfined()) {
            return call(kernel, pidFd, new IoVectors(arena, 1), advice) != -Linux.EINVAL();
        }
    }
}
