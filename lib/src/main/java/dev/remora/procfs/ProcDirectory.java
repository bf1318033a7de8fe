package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The {@code /proc/PID} of one process, opened as a directory: it never shows another process, also when the number is
 * given to one; then every file in it answers ESRCH or ENOENT.
 */
public final class ProcDirectory implements AutoCloseable {

    /** The files that Remora reads. */
    public enum Entry {
        MAPS("maps"),
        SMAPS("smaps"),
        STAT("stat"),
        STATUS("status");

        private final String fileName;

        Entry(String fileName) {
            this.fileName = fileName;
        }
    }

    private final Kernel kernel;
    private final int pid;
    private final Descriptor directory;

    private ProcDirectory(Kernel kernel, int pid, Descriptor directory) {
        this.kernel = kernel;
        this.pid = pid;
        this.directory = directory;
    }

    /** Opens the directory of whoever has the number now, or throws {@link ErrnoException}. */
    public static ProcDirectory open(Kernel kernel, int pid) {
        return new ProcDirectory(kernel, pid, OpenFiles.directory(kernel, "/proc/" + pid));
    }

    /** Opens a file of the process for reading, or throws {@link ErrnoException}, as do the reads. */
    ProcFile open(Entry entry) {
        String path = "/proc/" + pid + "/" + entry.fileName;
        return new ProcFile(kernel, OpenFiles.forReading(kernel, directory, entry.fileName, path), path);
    }

    /** Reads a short text file whole. */
    public String text(Entry entry) {
        try (ProcFile file = open(entry)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Says whether a failure to open or read means that the process, or its memory, is gone. */
    public static boolean meansGone(ErrnoException failure) {
        return failure.errno() == Linux.ESRCH() || failure.errno() == Linux.ENOENT();
    }

    @Override
    public void close() {
        directory.close();
    }
}
