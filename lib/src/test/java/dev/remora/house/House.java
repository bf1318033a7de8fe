package dev.remora.house;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleReference;
import java.nio.file.Path;

/** Where the things that the house rules look at are, from wherever the tests are started. */
final class House {

    static final String LIBRARY = "dev.remora";
    static final String BINDINGS = "dev.remora.bindings";

    static final Path LIB = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    static final Path REPOSITORY = LIB.getParent();

    private House() {}

    /** {@return the folder or the jar of a module that is on the module path} */
    static Path location(String module) {
        return Path.of(reference(module).location().orElseThrow());
    }

    static ModuleDescriptor descriptor(String module) throws IOException {
        try (var files = reference(module).open();
                var descriptor = files.open("module-info.class").orElseThrow()) {
            return ModuleDescriptor.read(descriptor);
        }
    }

    private static ModuleReference reference(String module) {
        return ModuleLayer.boot()
                .configuration()
                .findModule(module)
                .orElseThrow()
                .reference();
    }
}
