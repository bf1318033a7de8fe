package dev.remora.bench;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** jnr-ffi with its generated stubs. */
final class JnrPeer implements Peer {

    /** What jnr-ffi makes an implementation of, so it has to be public. */
    public interface Libc {
        long syscall(long number);

        /** One more than is needed: of exactly six arguments, jnr-ffi 2.2.18 passes the last one wrong. */
        long syscall(long number, long a0, long a1, long a2, long a3, long a4, long a5);
    }

    private final Libc libc = LibraryLoader.create(Libc.class).load("c");
    private final Runtime runtime = Runtime.getRuntime(libc);
    private final Pointer vector = runtime.getMemoryManager().allocateDirect(BYTES_PER_RANGE * MOST_RANGES);

    @Override
    public long call(long number) {
        return libc.syscall(number);
    }

    @Override
    public long call(long number, long a0, long a1, long a2, long a3, long a4) {
        long result = libc.syscall(number, a0, a1, a2, a3, a4, 0);
        return result == -1 ? -runtime.getLastError() : result;
    }

    @Override
    public void setLong(long offset, long value) {
        vector.putLong(offset, value);
    }

    @Override
    public long vector() {
        return vector.address();
    }
}
