package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Short files in which the kernel tells of itself and of its settings. */
public final class HostFiles {

    private final Kernel kernel;

    public HostFiles(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Reads a file by its absolute path, or throws {@link ErrnoException}. */
    public String text(String path) {
        int slash = path.lastIndexOf('/');
        try (Descriptor directory = OpenFiles.directory(kernel, path.substring(0, slash))) {
            return text(directory, path, path.substring(slash + 1));
        }
    }

    private String text(Descriptor directory, String path, String name) {
        try (var file = new ProcFile(kernel, OpenFiles.forReading(kernel, directory, name, path), path)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Reads a file; empty if there is none, or none that can be read. */
    public Optional<String> textIfReadable(String path) {
        try {
            return Optional.of(text(path));
        } catch (ErrnoException failure) {
            return Optional.empty();
        }
    }

    /** Says whether there is such a file or directory, or throws {@link ErrnoException} if that cannot be seen. */
    public boolean exists(String path) {
        try (Descriptor _ = OpenFiles.directory(kernel, path)) {
            return true;
        } catch (ErrnoException failure) {
            if (failure.errno() == Linux.ENOENT()) {
                return false;
            }
            throw failure;
        }
    }
}
