package dev.remora.process;

import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;

/** A file of a cgroup that stays open for writing, so that a limit of open files keeps nobody from writing to it. */
final class ControlFile implements AutoCloseable {

    private final Kernel kernel;
    private final Descriptor file;
    private final String path;

    ControlFile(Kernel kernel, Descriptor file, String path) {
        this.kernel = kernel;
        this.file = file;
        this.path = path;
    }

    /** Writes a whole text, each time anew, or throws {@link ErrnoException}. */
    void write(String text) {
        ErrnoException.check(OpenFiles.write(kernel, file, text), "write", path);
    }

    @Override
    public void close() {
        file.close();
    }
}
