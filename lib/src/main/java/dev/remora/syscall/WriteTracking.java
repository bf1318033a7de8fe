package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.uffdio_api;
import dev.remora.bindings.uffdio_range;
import dev.remora.bindings.uffdio_register;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Has the writes of the calling process to some of its memory tracked: {@code userfaultfd(2)} with asynchronous
 * write-protection, Linux 6.7. Nobody handles a fault: the kernel only remembers which pages were written. It does so as long as
 * this is open. All calls throw {@link ErrnoException}.
 */
public final class WriteTracking implements AutoCloseable {

    private static final long FEATURES = Linux.UFFD_FEATURE_PAGEFAULT_FLAG_WP()
            | Linux.UFFD_FEATURE_WP_HUGETLBFS_SHMEM()
            | Linux.UFFD_FEATURE_WP_UNPOPULATED()
            | Linux.UFFD_FEATURE_WP_ASYNC();

    private final Kernel kernel;
    private final Descriptor descriptor;

    private WriteTracking(Kernel kernel, Descriptor descriptor) {
        this.kernel = kernel;
        this.descriptor = descriptor;
    }

    static int flags() {
        return Linux.O_CLOEXEC() | Linux.UFFD_USER_MODE_ONLY();
    }

    /** EINVAL says that the kernel is too old. */
    public static WriteTracking open(Kernel kernel) {
        long opened = kernel.call(Syscall.USERFAULTFD, flags());
        Descriptor descriptor = Descriptor.of(kernel, opened, "userfaultfd", "UFFD_USER_MODE_ONLY");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment api = uffdio_api.allocate(arena);
            uffdio_api.api(api, Linux.UFFD_API());
            uffdio_api.features(api, FEATURES);
            long result = kernel.call(Syscall.IOCTL, descriptor.number(), Linux.UFFDIO_API(), api.address());
            ErrnoException.check(result, "UFFDIO_API", "UFFD_FEATURE_WP_ASYNC");
            return new WriteTracking(kernel, descriptor);
        } catch (ErrnoException failure) {
            descriptor.close();
            throw failure;
        }
    }

    /** From now on, writes to these pages can be tracked. */
    public void register(long address, long byteSize) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment register = uffdio_register.allocate(arena);
            MemorySegment range = uffdio_register.range(register);
            uffdio_range.start(range, address);
            uffdio_range.len(range, byteSize);
            uffdio_register.mode(register, Linux.UFFDIO_REGISTER_MODE_WP());
            long result = kernel.call(Syscall.IOCTL, descriptor.number(), Linux.UFFDIO_REGISTER(), register.address());
            ErrnoException.check(
                    result, "UFFDIO_REGISTER", "0x" + Long.toHexString(address) + ", " + byteSize + " bytes");
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
