package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.pollfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What can be done with a pidfd: {@code pidfd_open(2)} and polling, Linux 5.3, and {@code pidfd_getfd(2)}, Linux
 * 5.6.
 */
public final class PidFds {

    private static final int TIMESPEC_BYTES = 16;

    private PidFds() {}

    /** Opens a pidfd (close-on-exec by nature), or throws {@link ErrnoException}. */
    public static Descriptor open(Kernel kernel, int pid) {
        return Descriptor.of(kernel, kernel.call(Syscall.PIDFD_OPEN, pid, 0), "pidfd_open", "pid " + pid);
    }

    /** Says whether all threads of the process have ended; it may still be a zombie. Does not wait. */
    public static boolean exited(Kernel kernel, Descriptor pidFd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(pollfd.layout());
            pollfd.fd(poll, pidFd.number());
            pollfd.events(poll, (short) Linux.POLLIN());
            MemorySegment atOnce = arena.allocate(TIMESPEC_BYTES, ValueLayout.JAVA_LONG.byteAlignment());
            long ready;
            do {
                ready = kernel.call(Syscall.PPOLL, poll.address(), 1, atOnce.address(), 0, 0);
            } while (ready == -Linux.EINTR());
            return ErrnoException.check(ready, "ppoll", "pidfd") > 0;
        }
    }

    /** Opens a file that the process has open under this number, or throws {@link ErrnoException}. */
    public static Descriptor openFileOf(Kernel kernel, Descriptor pidFd, int number) {
        long copy = kernel.call(Syscall.PIDFD_GETFD, pidFd.number(), number, 0);
        return Descriptor.of(kernel, copy, "pidfd_getfd", "file " + number);
    }
}
