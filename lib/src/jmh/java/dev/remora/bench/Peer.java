package dev.remora.bench;

/** Another way for Java to make system calls, with memory for one vector of ranges. */
interface Peer {

    int MOST_RANGES = 1024;
    int BYTES_PER_RANGE = 16;

    /** A call without arguments, by the shortest way that this peer has. */
    long call(long number);

    /** Returns the result, or −errno. */
    long call(long number, long a0, long a1, long a2, long a3, long a4);

    void setLong(long offset, long value);

    /** Where the vector is. */
    long vector();

    /** {@code pidfd_open}. */
    default long openProcess(long pid) {
        return check(call(434, pid, 0, 0, 0, 0));
    }

    /** {@code process_madvise} with {@code MADV_COLD} for ranges that are accepted whole. */
    default long markCold(long pidFd, long[] addresses, long[] byteSizes, int count) {
        long advised = 0;
        for (int i = 0; i < count; i += MOST_RANGES) {
            int size = Math.min(MOST_RANGES, count - i);
            for (int j = 0; j < size; j++) {
                setLong((long) BYTES_PER_RANGE * j, addresses[i + j]);
                setLong((long) BYTES_PER_RANGE * j + Long.BYTES, byteSizes[i + j]);
            }
            advised += check(call(440, pidFd, vector(), size, 20, 0));
        }
        return advised;
    }

    private static long check(long result) {
        if (result < 0) {
            throw new IllegalStateException("A system call failed with errno " + -result);
        }
        return result;
    }
}
