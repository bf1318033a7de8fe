package dev.remora.syscall;

import dev.remora.bindings.Linux;

/** The page size of the kernel, in bytes, which is the same for every process. */
public final class PageSize {

    private static final long SMALLEST = 4 << 10;
    private static final long LARGEST = 64 << 10;

    private PageSize() {}

    /**
     * Asks the kernel: {@code mincore(2)} of nothing refuses an address that does not begin a page. Unlike a file in
     * {@code /proc}, that can be asked by a process that is not dumpable, too.
     */
    public static long of(Kernel kernel) {
        for (long size = SMALLEST; size <= LARGEST; size *= 2) {
            long result = kernel.call(Syscall.MINCORE, size, 0, 0);
            if (result != -Linux.EINVAL()) {
                return size + ErrnoException.check(result, "mincore", "nothing");
            }
        }
        throw new IllegalStateException("This kernel has pages of more than " + LARGEST + " bytes: please report it");
    }
}
