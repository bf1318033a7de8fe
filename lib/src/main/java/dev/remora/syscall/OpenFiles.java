package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** {@code openat(2)} and {@code read(2)}, always close-on-exec. */
public final class OpenFiles {

    private OpenFiles() {}

    /** Opens an absolute path as a place to open files from ({@code O_PATH}), or throws {@link ErrnoException}. */
    public static Descriptor directory(Kernel kernel, String path) {
        return Descriptor.of(kernel, open(kernel, Linux.AT_FDCWD(), path, Linux.O_PATH()), "openat", path);
    }

    /** Opens a file below a directory for reading, or throws {@link ErrnoException} with its whole path. */
    public static Descriptor forReading(Kernel kernel, Descriptor directory, String name, String path) {
        return Descriptor.of(kernel, open(kernel, directory.number(), name, Linux.O_RDONLY()), "openat", path);
    }

    static long open(Kernel kernel, int directory, String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return kernel.call(Syscall.OPENAT, directory, name.address(), flags | Linux.O_CLOEXEC(), 0);
        }
    }

    /** Reads from the beginning of the file, wherever others have got to. Returns the bytes read, or −errno. */
    public static long readAtStart(Kernel kernel, Descriptor file, MemorySegment buffer, long byteSize) {
        long result;
        do {
            result = kernel.call(Syscall.PREAD64, file.number(), buffer.address(), byteSize, 0);
        } while (result == -Linux.EINTR());
        return result;
    }

    /** Reads once, as much as the kernel gives. Returns the bytes read, 0 at the end, or −errno. */
    public static long read(Kernel kernel, Descriptor file, MemorySegment buffer, long byteSize) {
        long result;
        do {
            result = kernel.call(Syscall.READ, file.number(), buffer.address(), byteSize);
        } while (result == -Linux.EINTR());
        return result;
    }
}
