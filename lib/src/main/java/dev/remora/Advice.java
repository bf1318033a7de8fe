package dev.remora;

import dev.remora.bindings.Linux;

/**
 * What the kernel may be told about memory of another process: the advice that {@code process_madvise(2)} takes for
 * one.
 *
 * <p>All of it is about when the memory is needed; none changes what the process reads. The constants are named as in
 * {@code madvise(2)}.
 */
public enum Advice {
    /**
     * The pages are not expected to be needed soon: under memory pressure the kernel takes them first. Nothing leaves
     * RAM by the call itself. Transparent huge pages that the range covers only in part are split.
     *
     * <p>Kernel: {@code MADV_COLD}, for other processes since Linux 5.10.
     */
    COLD(Linux.MADV_COLD(), "5.10"),

    /**
     * The kernel is to take the pages out of RAM now: to swap, or back to their file. They come back when they are
     * touched.
     *
     * <p>Silently left alone by the kernel are: anonymous memory when there is no swap, or it is full, for which {@link SwapGuard}
     * therefore does not ask; pages that other processes map
     * too; pinned pages; pages of a shared file mapping when the caller neither owns nor may write the file. Bytes
     * advised are therefore no measure of bytes that left RAM.
     *
     * <p>Kernel: {@code MADV_PAGEOUT}, for other processes since Linux 5.10.
     */
    PAGEOUT(Linux.MADV_PAGEOUT(), "5.10"),

    /**
     * The pages will be needed soon: the kernel starts to read them from their file or from swap into its caches, in its
     * own time and without mapping them. The first touch still takes a fault, and read errors are not reported. How much
     * of the wait it saves depends on the device: for JVM heaps in compressed swap it was next to nothing.
     *
     * <p>Kernel: {@code MADV_WILLNEED}, for other processes since Linux 5.15.
     */
    WILLNEED(Linux.MADV_WILLNEED(), "5.15"),

    /**
     * The pages are to be collapsed into transparent huge pages now. Missing pages are filled in, so the process can
     * <em>grow</em>: a heap of which 66 MiB were resident became 262 MiB. {@link CollapseLimits} keep that small.
     *
     * <p>Kernel: {@code MADV_COLLAPSE}, for other processes since Linux 6.1.
     */
    COLLAPSE(Linux.MADV_COLLAPSE(), "6.1");

    private final int value;
    private final String firstKernel;

    Advice(int value, String firstKernel) {
        this.value = value;
        this.firstKernel = firstKernel;
    }

    int value() {
        return value;
    }

    /** {@return the first Linux version that takes this advice for another process, for example {@code 5.10}} */
    public String firstKernel() {
        return firstKernel;
    }
}
