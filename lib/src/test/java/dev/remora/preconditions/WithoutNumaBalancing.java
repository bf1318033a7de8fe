package dev.remora.preconditions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Switches automatic NUMA balancing off while the tests of a class run, if that is allowed: it takes access away from pages
 * of busy processes to see who wants them, and moves them. Where Linux 6.1 has taken access away, {@code move_pages(2)}
 * does not find the page.
 */
public final class WithoutNumaBalancing implements BeforeAllCallback, AfterAllCallback {

    private static final Path SWITCH = Path.of("/proc/sys/kernel/numa_balancing");

    private String before = "";

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (Files.isWritable(SWITCH)) {
            before = Files.readString(SWITCH);
            Files.writeString(SWITCH, "0");
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (!before.isEmpty()) {
            Files.writeString(SWITCH, before);
        }
    }
}
