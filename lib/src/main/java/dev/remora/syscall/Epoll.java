package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.epoll_event;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;

/**
 * Waits for any number of descriptors to become readable, once each: {@code epoll(7)}. Others may add and remove while
 * one thread waits.
 */
public final class Epoll implements AutoCloseable {

    private static final int MOST_AT_ONCE = 256;
    private static final int NO_SIGNAL_MASK = 0;

    /** The structure is packed on x86-64 and nowhere else. */
    private static final long KEY = switch (Architecture.ofThisMachine()) {
        case X86_64 -> epoll_event.data$offset();
        case AARCH64 -> Long.BYTES;
    };

    private static final long SIZE = KEY + Long.BYTES;

    private final Kernel kernel;
    private final Descriptor descriptor;

    public Epoll(Kernel kernel) {
        this.kernel = kernel;
        descriptor =
                Descriptor.of(kernel, kernel.call(Syscall.EPOLL_CREATE1, Linux.EPOLL_CLOEXEC()), "epoll_create1", "");
    }

    /** Tells {@link #await} the key when the descriptor is readable, or throws {@link ErrnoException}. */
    public void add(Descriptor watched, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(SIZE, Long.BYTES);
            event.set(ValueLayout.JAVA_INT, 0, Linux.EPOLLIN() | Linux.EPOLLONESHOT());
            event.set(ValueLayout.JAVA_LONG_UNALIGNED, KEY, key);
            ErrnoException.check(control(Linux.EPOLL_CTL_ADD(), watched, event.address()), "epoll_ctl", "pidfd");
        }
    }

    /** Forgets a descriptor; to be called before it is closed, since copies of it may live on. */
    public void remove(Descriptor watched) {
        ErrnoException.check(control(Linux.EPOLL_CTL_DEL(), watched, 0), "epoll_ctl", "pidfd");
    }

    private long control(int operation, Descriptor watched, long event) {
        return kernel.call(Syscall.EPOLL_CTL, descriptor.number(), operation, watched.number(), event);
    }

    /** Waits until something is readable, or the time is over. Returns how many keys it told. */
    public int await(int milliseconds, LongConsumer readable) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment events = arena.allocate(MOST_AT_ONCE * SIZE, Long.BYTES);
            long result;
            do {
                result = kernel.call(
                        Syscall.EPOLL_PWAIT,
                        descriptor.number(),
                        events.address(),
                        MOST_AT_ONCE,
                        milliseconds,
                        NO_SIGNAL_MASK,
                        Long.BYTES);
            } while (result == -Linux.EINTR());
            int count = (int) ErrnoException.check(result, "epoll_pwait", "");
            for (int i = 0; i < count; i++) {
                readable.accept(events.get(ValueLayout.JAVA_LONG_UNALIGNED, i * SIZE + KEY));
            }
            return count;
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
