package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.pollfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * What can be done with a pidfd: {@code pidfd_open(2)} and polling, Linux 5.3, {@code pidfd_send_signal(2)},
 * Linux 5.1, and {@code pidfd_getfd(2)}, Linux 5.6.
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
        return exited(kernel, pidFd, 0);
    }

    /** Says the same after waiting for it, at most as many milliseconds. */
    public static boolean exited(Kernel kernel, Descriptor pidFd, int milliseconds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(pollfd.layout());
            pollfd.fd(poll, pidFd.number());
            pollfd.events(poll, (short) Linux.POLLIN());
            MemorySegment limit = arena.allocate(TIMESPEC_BYTES, ValueLayout.JAVA_LONG.byteAlignment());
            limit.set(ValueLayout.JAVA_LONG, 0, TimeUnit.MILLISECONDS.toSeconds(milliseconds));
            limit.set(ValueLayout.JAVA_LONG, Long.BYTES, TimeUnit.MILLISECONDS.toNanos(milliseconds % 1000));
            long ready;
            do {
                ready = kernel.call(Syscall.PPOLL, poll.address(), 1, limit.address(), 0, 0);
            } while (ready == -Linux.EINTR());
            return ErrnoException.check(ready, "ppoll", "pidfd") > 0;
        }
    }

    /** Sends a signal to the process, whatever thread takes it, or throws {@link ErrnoException}. */
    public static void send(Kernel kernel, Descriptor pidFd, Signal signal) {
        long result = kernel.call(Syscall.PIDFD_SEND_SIGNAL, pidFd.number(), signal.number(), 0, 0);
        ErrnoException.check(result, "pidfd_send_signal", signal.toString());
    }

    /** Opens a file that the process has open under this number, or throws {@link ErrnoException}. */
    public static Descriptor openFileOf(Kernel kernel, Descriptor pidFd, int number) {
        long copy = kernel.call(Syscall.PIDFD_GETFD, pidFd.number(), number, 0);
        return Descriptor.of(kernel, copy, "pidfd_getfd", "file " + number);
    }
}
