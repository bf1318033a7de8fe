package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The address space of the calling process: {@code mmap(2)} and its family, and access to its own pages that answers
 * EFAULT where a plain access would crash ({@code process_vm_readv(2)}). All calls throw {@link ErrnoException}.
 */
public final class MemoryMaps {

    /** Memory without a file. */
    public enum Kind {
        PRIVATE_ANONYMOUS(Linux.MAP_PRIVATE() | Linux.MAP_ANONYMOUS() | Linux.MAP_NORESERVE()),
        SHARED_ANONYMOUS(Linux.MAP_SHARED() | Linux.MAP_ANONYMOUS() | Linux.MAP_NORESERVE()),
        HUGETLB(Linux.MAP_PRIVATE() | Linux.MAP_ANONYMOUS() | Linux.MAP_HUGETLB());

        private final int flags;

        Kind(int flags) {
            this.flags = flags;
        }
    }

    private static final int READ_WRITE = Linux.PROT_READ() | Linux.PROT_WRITE();
    private static final int NO_FILE = -1;

    private final Kernel kernel;

    public MemoryMaps(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Takes address space without memory or access, wherever the kernel has room, and returns its address. It is shared
     * with nobody, but of the kind that could be, which the kernel does not merge with what lies beside it.
     */
    public long reserve(long byteSize) {
        return mmap(0, byteSize, Linux.PROT_NONE(), Kind.SHARED_ANONYMOUS.flags, NO_FILE);
    }

    /** Maps new memory without a file in place of what was reserved there. */
    public void map(long address, long byteSize, Kind kind) {
        replace(address, byteSize, READ_WRITE, kind.flags, NO_FILE);
    }

    /** Maps a new memfd in place of what was reserved there. */
    public void mapMemfd(long address, long byteSize, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            long created = kernel.call(Syscall.MEMFD_CREATE, text.address(), Linux.MFD_CLOEXEC());
            try (Descriptor file = Descriptor.of(kernel, created, "memfd_create", name)) {
                check(kernel.call(Syscall.FTRUNCATE, file.number(), byteSize), "ftruncate", byteSize + " bytes");
                replace(address, byteSize, READ_WRITE, Linux.MAP_SHARED(), file.number());
            }
        }
    }

    /** Maps the beginning of a file, shared and for reading, in place of what was reserved there. */
    public void mapFile(long address, long byteSize, String path) {
        long opened = OpenFiles.open(kernel, Linux.AT_FDCWD(), path, Linux.O_RDONLY());
        try (Descriptor file = Descriptor.of(kernel, opened, "openat", path)) {
            replace(address, byteSize, Linux.PROT_READ(), Linux.MAP_SHARED(), file.number());
        }
    }

    private void replace(long address, long byteSize, int protection, int flags, int file) {
        mmap(address, byteSize, protection, flags | Linux.MAP_FIXED(), file);
    }

    private long mmap(long address, long byteSize, int protection, int flags, int file) {
        return check(
                kernel.call(Syscall.MMAP, address, byteSize, protection, flags, file, 0), "mmap", byteSize + " bytes");
    }

    public void unmap(long address, long byteSize) {
        check(kernel.call(Syscall.MUNMAP, address, byteSize), "munmap", range(address, byteSize));
    }

    public void protect(long address, long byteSize, boolean read, boolean write, boolean execute) {
        int protection =
                (read ? Linux.PROT_READ() : 0) | (write ? Linux.PROT_WRITE() : 0) | (execute ? Linux.PROT_EXEC() : 0);
        check(kernel.call(Syscall.MPROTECT, address, byteSize, protection), "mprotect", range(address, byteSize));
    }

    public void lock(long address, long byteSize) {
        check(kernel.call(Syscall.MLOCK, address, byteSize), "mlock", range(address, byteSize));
    }

    public void unlock(long address, long byteSize) {
        check(kernel.call(Syscall.MUNLOCK, address, byteSize), "munlock", range(address, byteSize));
    }

    /** Writes a pattern over all pages of a range. */
    public void write(long address, long byteSize, MemorySegment pattern) {
        copy(Syscall.PROCESS_VM_WRITEV, address, byteSize, pattern);
    }

    /** Reads all pages of a range into scratch memory. */
    public void read(long address, long byteSize, MemorySegment scratch) {
        copy(Syscall.PROCESS_VM_READV, address, byteSize, scratch);
    }

    private void copy(Syscall call, long address, long byteSize, MemorySegment local) {
        long self = kernel.call(Syscall.GETPID);
        try (Arena arena = Arena.ofConfined()) {
            var here = new IoVectors(arena, 1);
            var there = new IoVectors(arena, 1);
            long done = 0;
            while (done < byteSize) {
                long portion = Math.min(local.byteSize(), byteSize - done);
                here.clear();
                here.add(local.address(), portion);
                there.clear();
                there.add(address + done, portion);
                long result = kernel.call(call, self, here.address(), 1, there.address(), 1, 0);
                done += check(result, "process_vm", range(address + done, portion));
            }
        }
    }

    private static long check(long result, String call, String operands) {
        return ErrnoException.check(result, call, operands);
    }

    private static String range(long address, long byteSize) {
        return "0x" + Long.toHexString(address) + ", " + byteSize + " bytes";
    }
}
