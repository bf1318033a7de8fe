package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
final class MapsCursorKernelTest {

    @Test
    void everyLineOfThisProcessIsPrintedBackTheSame() throws IOException {
        String text = settled(Path.of("/proc/self/maps"));
        var mappings = MapsText.parse(text);
        assertThat(MapsText.of(mappings)).isEqualTo(text);
        assertThat(mappings).hasSizeGreaterThan(20);
        assertThat(mappings).extracting(Mapping::name).contains("[stack]", "[vdso]");
    }

    /** While a thread maps something the kernel may print what no two moments had in common. */
    private static String settled(Path maps) throws IOException {
        String before = "";
        for (int i = 0; i < 100; i++) {
            String now = Files.readString(maps);
            if (now.equals(before)) {
                return now;
            }
            before = now;
        }
        throw new AssertionError("the mappings of this process never stayed the same for two readings");
    }
}
