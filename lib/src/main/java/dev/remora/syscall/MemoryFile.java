package dev.remora.syscall;

import dev.remora.bindings.Linux;

/**
 * The {@code mem} file of a process, open for writing. It belongs to the memory that the process had when it was opened: it
 * never leads to another process, and to nothing once that memory is given up.
 *
 * <p>The kernel writes also where the process itself may not, if the memory is private. Whoever calls this asks first.
 */
public final class MemoryFile implements AutoCloseable {

    private final Kernel kernel;
    private final Descriptor file;

    /** Takes over a descriptor. */
    public MemoryFile(Kernel kernel, Descriptor file) {
        this.kernel = kernel;
        this.file = file;
    }

    /**
     * Copies from here to an address of the process. Returns the bytes copied, or −errno, as {@link ProcessVm} does: EFAULT if
     * not even the first was, ESRCH if the memory is given up.
     */
    public long write(long here, long there, long byteSize) {
        long result = OpenFiles.writeAt(kernel, file, here, byteSize, there);
        if (result == -Linux.EIO()) {
            return -Linux.EFAULT();
        }
        return result == 0 ? -Linux.ESRCH() : result;
    }

    @Override
    public void close() {
        file.close();
    }
}
