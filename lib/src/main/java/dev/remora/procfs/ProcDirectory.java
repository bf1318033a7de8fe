package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * The {@code /proc/PID} of one process, opened as a directory: it never shows another process, also when the number is
 * given to one; then every file in it answers ESRCH or ENOENT.
 */
public final class ProcDirectory implements AutoCloseable {

    /** The files that Remora reads. */
    public enum Entry {
        MAPS("maps"),
        SMAPS("smaps"),
        STAT("stat");

        private final String fileName;

        Entry(String fileName) {
            this.fileName = fileName;
        }
    }

    private static final int ATTEMPTS = 4;

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
        String path = path(entry);
        return new ProcFile(kernel, OpenFiles.forReading(kernel, directory, entry.fileName, path), path);
    }

    private String path(Entry entry) {
        return "/proc/" + pid + "/" + entry.fileName;
    }

    /**
     * Reads a file that lists what the process maps, or throws {@link ErrnoException}: ESRCH if it has no memory any more.
     *
     * <p>Memory that is given up meanwhile cuts the list short, at any place and without an error. Either the process is
     * just ending, then the next list is empty; or it runs another program now, then the next list is that of the new
     * memory.
     */
    <T> T readWhole(Entry entry, Function<? super InputStream, T> reader) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (ProcFile file = open(entry)) {
                T result = reader.apply(file);
                if (file.whole()) {
                    return result;
                }
            }
        }
        throw new ErrnoException("read", path(entry) + ", a list that was empty or cut short each time", Linux.ESRCH());
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
