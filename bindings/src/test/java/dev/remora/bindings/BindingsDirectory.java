package dev.remora.bindings;

import java.nio.file.Path;

/** The files of this module, found from wherever the tests are started. */
final class BindingsDirectory {
    static final Path ROOT = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    static final Path HEADERS = ROOT.resolve("src/main/headers");
    static final Path SYMBOL_LISTS = ROOT.resolve("src/main/jextract");
    static final Path GENERATED = ROOT.resolve("src/main/java/dev/remora/bindings");

    private BindingsDirectory() {}
}
