package dev.remora.procfs;

import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** A file of {@code /proc/PID}, read in the portions in which the kernel makes it: about a page each. */
final class ProcFile extends InputStream {

    private static final int PORTION = 1 << 16;

    /** More than files have that tell of one process or thread in a line. */
    private static final int SHORT = 1 << 12;

    private final Kernel kernel;
    private final Descriptor file;
    private final String path;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment portion;

    ProcFile(Kernel kernel, Descriptor file, String path) {
        this(kernel, file, path, PORTION);
    }

    private ProcFile(Kernel kernel, Descriptor file, String path, int most) {
        this.kernel = kernel;
        this.file = file;
        this.path = path;
        portion = arena.allocate(most);
    }

    /** For a short file, with as little effort as that deserves. */
    static ProcFile brief(Kernel kernel, Descriptor file, String path) {
        return new ProcFile(kernel, file, path, SHORT);
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        long result = OpenFiles.read(kernel, file, portion, Math.min(length, portion.byteSize()));
        int bytes = (int) ErrnoException.check(result, "read", path);
        MemorySegment.copy(portion, ValueLayout.JAVA_BYTE, 0, target, offset, bytes);
        return bytes == 0 ? -1 : bytes;
    }

    /**
     * Says whether the memory that the file tells of is still there, so that what was read is all there was: such a file
     * has a first byte.
     */
    boolean whole() {
        return ErrnoException.check(OpenFiles.readAtStart(kernel, file, portion, 1), "pread64", path) > 0;
    }

    @Override
    public void close() {
        file.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
