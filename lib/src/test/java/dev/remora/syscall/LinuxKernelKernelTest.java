package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
final class LinuxKernelKernelTest {

    private static final int CALLS = 100_000;

    @AutoClose
    private final Arena arena = Arena.ofShared();

    private final Kernel kernel = LinuxKernel.instance();
    private final MemorySegment missing = arena.allocateFrom("/proc/self/no such file");

    @Test
    void isOne() {
        assertThat(LinuxKernel.instance()).isSameAs(kernel);
    }

    @Test
    void returnsTheResult() {
        assertThat(kernel.call(Syscall.GETPID))
                .isEqualTo(ProcessHandle.current().pid());
    }

    @Test
    void returnsErrnoNegated() {
        assertThat(closeNothing()).isEqualTo(-Linux.EBADF());
        assertThat(openMissing()).isEqualTo(-Linux.ENOENT());
        assertThat(adviseUnaligned()).isEqualTo(-Linux.EINVAL());
        assertThat(kernel.call(4711, 0, 0, 0, 0, 0, 0)).isEqualTo(-Linux.ENOSYS());
    }

    @Test
    void aResultIsNotAnErrnoThatWasLeftBehind() {
        assertThat(closeNothing()).isEqualTo(-Linux.EBADF());
        assertThat(kernel.call(Syscall.GETPPID)).isPositive();
        assertThat(kernel.call(Syscall.GETPID)).isPositive();
    }

    @Test
    void passesSixArgumentsInTheirOrder() {
        int protection = Linux.PROT_READ() | Linux.PROT_WRITE();
        int flags = Linux.MAP_PRIVATE() | Linux.MAP_ANONYMOUS();
        assertThat(kernel.call(Syscall.MMAP, 0, 65536, protection, flags, -1, 1))
                .as("the offset comes last")
                .isEqualTo(-Linux.EINVAL());
        long address = kernel.call(Syscall.MMAP, 0, 65536, protection, flags, -1, 0);
        assertThat(address).isPositive();
        assertThat(kernel.call(Syscall.MUNMAP, address, 65536)).isZero();
    }

    @Test
    void eachThreadSeesItsOwnErrno() throws InterruptedException {
        var misread = new AtomicInteger();
        var calls = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        IntStream.range(0, 8)
                .forEach(i -> threads.add(Thread.ofPlatform().unstarted(() -> fail(i, 10_000, calls, misread))));
        IntStream.range(0, 200)
                .forEach(i -> threads.add(Thread.ofVirtual().unstarted(() -> fail(i, 500, calls, misread))));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(calls).hasValue(8 * 10_000 + 200 * 500);
        assertThat(misread).hasValue(0);
    }

    private void fail(int which, int times, AtomicInteger calls, AtomicInteger misread) {
        for (int i = 0; i < times; i++) {
            boolean right = switch (which % 3) {
                case 0 -> closeNothing() == -Linux.EBADF();
                case 1 -> openMissing() == -Linux.ENOENT();
                default -> adviseUnaligned() == -Linux.EINVAL();
            };
            if (!right) {
                misread.incrementAndGet();
            }
            calls.incrementAndGet();
            if (i % 64 == 0) {
                LockSupport.parkNanos(1);
            }
        }
    }

    @Test
    void aCallThatSucceedsAllocatesNothing() throws Throwable {
        assertThat(allocatedBy(() -> kernel.call(Syscall.GETPID))).isLessThan(CALLS);
    }

    @Test
    void aCallThatFailsAllocatesNothing() throws Throwable {
        assertThat(allocatedBy(this::closeNothing)).isLessThan(CALLS);
    }

    /** What so many calls allocate once they are compiled, for which there is a minute. */
    private static long allocatedBy(LongSupplier call) throws Throwable {
        long least = Long.MAX_VALUE;
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (least >= CALLS && System.nanoTime() < deadline) {
            long before = AllocatedBytes.ofThisThread();
            long sum = 0;
            for (int i = 0; i < CALLS; i++) {
                sum += call.getAsLong();
            }
            least = Math.min(least, AllocatedBytes.ofThisThread() - before);
            assertThat(sum).isNotZero();
        }
        return least;
    }

    private long closeNothing() {
        return kernel.call(Syscall.CLOSE, -1);
    }

    private long openMissing() {
        return kernel.call(Syscall.OPENAT, Linux.AT_FDCWD(), missing.address(), Linux.O_RDONLY(), 0);
    }

    private long adviseUnaligned() {
        return kernel.call(Syscall.MADVISE, 1, 4096, 0);
    }
}
