package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;

/** Where the classes of the library and of its bindings came from, so that another JVM can be started with the same. */
public final class CodeOrigins {

    private CodeOrigins() {}

    /** The class path with both; empty when they are part of the Java image itself. */
    public static Optional<String> classPath() {
        URI library = origin(CodeOrigins.class);
        return library.getScheme().equals("jrt")
                ? Optional.empty()
                : Optional.of(Path.of(library) + File.pathSeparator + Path.of(origin(Linux.class)));
    }

    private static URI origin(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        URI origin = source == null ? URI.create("unknown:") : uri(source.getLocation());
        boolean file = origin.getScheme().equals("file") && !origin.getPath().contains(File.pathSeparator);
        if (!file && !origin.getScheme().equals("jrt")) {
            throw new IllegalStateException(
                    "Another JVM cannot load " + type.getName() + " from where this one has it, " + origin
                            + ": put Remora into jars or folders of its own, with no colon in their paths");
        }
        return origin;
    }

    private static URI uri(URL location) {
        try {
            return location.toURI();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
