package dev.remora.jvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A copy of the class path that every user can read, wherever the house stands; removed when it is closed. */
public final class ReadableCopy implements AutoCloseable {

    private final Path folder;
    private final List<String> classPath = new ArrayList<>();

    public ReadableCopy() throws IOException {
        folder = Files.createTempDirectory("remora-classes");
        for (String entry : OtherJvm.classPath()) {
            Path source = Path.of(entry);
            Path target = folder.resolve(classPath.size() + "-" + source.getFileName());
            copy(source, target);
            classPath.add(target.toString());
        }
        try (Stream<Path> all = Files.walk(folder)) {
            all.forEach(ReadableCopy::share);
        }
    }

    private static void copy(Path source, Path target) throws IOException {
        try (Stream<Path> all = Files.walk(source)) {
            for (Path each : all.toList()) {
                Files.copy(each, target.resolve(source.relativize(each).toString()));
            }
        }
    }

    private static void share(Path path) {
        try {
            String permissions = Files.isDirectory(path) ? "rwxr-xr-x" : "rw-r--r--";
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The command line of a class. */
    public List<String> line(Class<?> main, String... arguments) {
        return OtherJvm.line(classPath, main, arguments);
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
