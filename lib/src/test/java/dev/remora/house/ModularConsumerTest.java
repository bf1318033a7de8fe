package dev.remora.house;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.preconditions.Skip;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program of another module, with nothing on its module path but what the library brings along. */
@Tag("house")
final class ModularConsumerTest {

    private static final String MODULE = "module consumer { requires dev.remora; }";
    private static final String PROGRAM = """
        package consumer;

        import dev.remora.RemoteMemory;

        public final class Main {
            public static void main(String[] arguments) {
                for (int attempt = 0; attempt < 2; attempt++) {
                    try (RemoteMemory memory = RemoteMemory.open(ProcessHandle.current())) {
                        System.out.println("opened " + memory.mappings().named("[stack]").matching().size());
                    } catch (Throwable failure) {
                        System.out.println(failure);
                    }
                }
            }
        }
        """;

    @TempDir
    private Path directory;

    @BeforeEach
    void compile() throws IOException {
        Path module = Files.writeString(directory.resolve("module-info.java"), MODULE);
        Path program = Files.writeString(directory.resolve("Main.java"), PROGRAM);
        var output = new StringWriter();
        var printer = new PrintWriter(output);
        ToolProvider compiler = ToolProvider.findFirst("javac").orElseThrow();
        int exit = compiler.run(
                printer,
                printer,
                "--module-path",
                modulePath(),
                "-d",
                classes(),
                "-Xlint:all",
                "-Werror",
                module.toString(),
                program.toString());
        assertThat(exit).as("exit code of javac, which says%n%s", output).isZero();
    }

    private String classes() {
        return directory.resolve("classes").toString();
    }

    private static String modulePath() {
        return Stream.of(House.LIBRARY, House.BINDINGS, "org.apache.logging.log4j")
                .map(House::location)
                .map(Path::toString)
                .collect(joining(":"));
    }

    private String run(String... options) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of(options));
        line.addAll(List.of("--module-path", classes() + ":" + modulePath(), "-m", "consumer/consumer.Main"));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    @Test
    void runsWithTheFlagOfTheReadme() throws IOException, InterruptedException {
        assertThat(run("--enable-native-access=dev.remora,dev.remora.bindings")).isEqualTo("opened 1\nopened 1\n");
    }

    @Test
    void readsWhichFlagIsMissingEachTime() throws IOException, InterruptedException {
        Skip.unless(
                Runtime.version().feature() >= 24,
                "native access can be denied from JDK 24 on, and this is " + Runtime.version());
        for (String enabled : List.of("java.base", "dev.remora", "dev.remora.bindings")) {
            assertThat(run("--illegal-native-access=deny", "--enable-native-access=" + enabled)
                            .lines())
                    .as("with access for %s only", enabled)
                    .hasSize(2)
                    .allMatch(line -> line.startsWith("java.lang.IllegalCallerException: Remora calls libc's syscall()")
                            && line.contains("--enable-native-access=dev.remora,dev.remora.bindings"));
        }
    }
}
