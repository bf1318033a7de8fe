package dev.remora.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A test and no Maven plugin, because Maven may run on a JDK whose parser does not know Java 22. */
@Tag("house")
final class FormatTest {

    private static final List<Path> HAND_WRITTEN = Stream.of(
                    "lib/src", "docs", "bindings/src/test", "bindings/src/main/java/module-info.java")
            .map(House.REPOSITORY::resolve)
            .toList();
    private static final Formatter FORMATTER = Formatter.createFormatter(
            JavaFormatterOptions.builder().style(Style.PALANTIR).build());
    private static final Repair REPAIR = new Repair(FormatTest.class, "remora.format");

    @Test
    void everyHandWrittenFileIsFormatted() throws IOException {
        List<Path> unformatted = new ArrayList<>();
        for (Path file : handWrittenFiles()) {
            String source = Files.readString(file);
            String formatted = format(file, source);
            if (REPAIR.requested() && !formatted.equals(source)) {
                Files.writeString(file, formatted);
            } else if (!formatted.equals(source)) {
                unformatted.add(House.REPOSITORY.relativize(file));
            }
        }
        assertThat(unformatted)
                .as("files that palantir-java-format would change; it does with%n%s", REPAIR.command())
                .isEmpty();
    }

    @Test
    void handWrittenFilesOfEveryModuleAreSeen() throws IOException {
        assertThat(handWrittenFiles())
                .contains(House.LIB.resolve("src/main/java/module-info.java"))
                .contains(House.REPOSITORY.resolve("bindings/src/main/java/module-info.java"))
                .doesNotContain(House.REPOSITORY.resolve("bindings/src/main/java/dev/remora/bindings/Linux.java"));
    }

    private static List<Path> handWrittenFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : HAND_WRITTEN) {
            try (Stream<Path> below = Files.walk(root)) {
                below.filter(FormatTest::isSource).forEach(files::add);
            }
        }
        return files;
    }

    private static boolean isSource(Path file) {
        return file.toString().endsWith(".java")
                && !House.REPOSITORY.relativize(file).toString().contains("target/");
    }

    private static String format(Path file, String source) {
        try {
            return FORMATTER.formatSourceAndFixImports(source);
        } catch (FormatterException failure) {
            throw new AssertionError(
                    House.REPOSITORY.relativize(file) + " cannot be formatted: " + failure.getMessage(), failure);
        }
    }
}
