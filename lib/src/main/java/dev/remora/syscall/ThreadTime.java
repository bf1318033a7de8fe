package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.timespec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** How much CPU time the calling thread has taken, in user mode and in the kernel: {@code clock_gettime(2)}. */
public final class ThreadTime {

    private final Kernel kernel;

    public ThreadTime(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Of a thread that goes on to run on the same carrier, if it is a virtual one; 0 where the kernel does not tell. */
    public long nanoseconds() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = timespec.allocate(arena);
            long result = kernel.call(Syscall.CLOCK_GETTIME, Linux.CLOCK_THREAD_CPUTIME_ID(), time.address());
            return result < 0 ? 0 : TimeUnit.SECONDS.toNanos(timespec.tv_sec(time)) + timespec.tv_nsec(time);
        }
    }
}
