package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** {@code openat(2)}, {@code read(2)}, {@code write(2)} and {@code getdents64(2)}, always close-on-exec. */
public final class OpenFiles {

    private static final long LISTING = 1 << 15;

    /** Where {@code struct linux_dirent64} has its length, its type and its name. */
    private static final long ENTRY_LENGTH = 16;

    private static final long ENTRY_TYPE = 18;
    private static final long ENTRY_NAME = 19;

    /** {@code DT_DIR}. */
    private static final int DIRECTORY = 4;

    /** Where {@code struct statx} has the user who owns a file, and how long it is. */
    private static final long STATX_USER = 20;

    private static final long STATX_BYTES = 256;

    /** {@code STATX_UID}. */
    private static final int ASK_USER = 0x8;

    private static final int LONGEST_LINK = 255;

    private OpenFiles() {}

    /** Opens an absolute path as a place to open files from ({@code O_PATH}), or throws {@link ErrnoException}. */
    public static Descriptor directory(Kernel kernel, String path) {
        return Descriptor.of(kernel, open(kernel, Linux.AT_FDCWD(), path, Linux.O_PATH()), "openat", path);
    }

    /** Opens a directory below another one in the same way. */
    public static Descriptor directory(Kernel kernel, Descriptor parent, String name, String path) {
        return Descriptor.of(kernel, open(kernel, parent.number(), name, Linux.O_PATH()), "openat", path);
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
        return readAt(kernel, file, buffer, byteSize, 0);
    }

    /** Reads from a place in the file, wherever others have got to. Returns the bytes read, or −errno. */
    public static long readAt(Kernel kernel, Descriptor file, MemorySegment buffer, long byteSize, long offset) {
        long result;
        do {
            result = kernel.call(Syscall.PREAD64, file.number(), buffer.address(), byteSize, offset);
        } while (result == -Linux.EINTR());
        return result;
    }

    /** Writes to a place in the file, wherever others have got to. Returns the bytes written, or −errno. */
    static long writeAt(Kernel kernel, Descriptor file, long address, long byteSize, long offset) {
        long result;
        do {
            result = kernel.call(Syscall.PWRITE64, file.number(), address, byteSize, offset);
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

    /** Opens a file below a directory for writing, or throws {@link ErrnoException} with its whole path. */
    public static Descriptor forWriting(Kernel kernel, Descriptor directory, String name, String path) {
        return Descriptor.of(kernel, open(kernel, directory.number(), name, Linux.O_WRONLY()), "openat", path);
    }

    /** Writes a short text at once, as the files that control a kernel take it. Returns its length, or −errno. */
    public static long write(Kernel kernel, Descriptor file, String text) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(text);
            return kernel.call(Syscall.WRITE, file.number(), bytes.address(), bytes.byteSize() - 1);
        }
    }

    /** Lists what is in a directory that is open for reading, or throws {@link ErrnoException}. */
    public static List<DirectoryEntry> entries(Kernel kernel, Descriptor directory, String path) {
        List<DirectoryEntry> found = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entries = arena.allocate(LISTING, Long.BYTES);
            while (true) {
                long result = kernel.call(Syscall.GETDENTS64, directory.number(), entries.address(), LISTING);
                long end = ErrnoException.check(result, "getdents64", path);
                if (end == 0) {
                    return found;
                }
                for (long at = 0; at < end; at += entries.get(ValueLayout.JAVA_SHORT, at + ENTRY_LENGTH)) {
                    boolean isDirectory = entries.get(ValueLayout.JAVA_BYTE, at + ENTRY_TYPE) == DIRECTORY;
                    found.add(new DirectoryEntry(entries.getString(at + ENTRY_NAME), isDirectory));
                }
            }
        }
    }

    /** Returns the user who owns a file below a directory, without opening it, or throws {@link ErrnoException}. */
    public static long owner(Kernel kernel, Descriptor directory, String name, String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATX_BYTES, Long.BYTES);
            MemorySegment text = arena.allocateFrom(name);
            long result = kernel.call(Syscall.STATX, directory.number(), text.address(), 0, ASK_USER, status.address());
            ErrnoException.check(result, "statx", path);
            return Integer.toUnsignedLong(status.get(ValueLayout.JAVA_INT, STATX_USER));
        }
    }

    /** Returns where a symbolic link below a directory leads to, or throws {@link ErrnoException}. */
    public static String link(Kernel kernel, Descriptor directory, String name, String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(LONGEST_LINK + 1);
            MemorySegment text = arena.allocateFrom(name);
            long result =
                    kernel.call(Syscall.READLINKAT, directory.number(), text.address(), target.address(), LONGEST_LINK);
            ErrnoException.check(result, "readlinkat", path);
            return target.getString(0);
        }
    }
}
