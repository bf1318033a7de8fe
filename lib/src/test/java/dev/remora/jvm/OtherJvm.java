package dev.remora.jvm;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;

/** Runs a class of the tests in a JVM of its own, on the class path. */
public final class OtherJvm {

    private static final String CAUTIONS = "remora.test.jvmOptions";
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private OtherJvm() {}

    /** The command line, to be put behind a program that runs it in its own way. */
    public static List<String> line(Class<?> main, String... arguments) {
        return line(classPath(), main, arguments);
    }

    /** What the class path has: the classes of the tests and of the library, and Log4j. */
    static List<String> classPath() {
        String log4j = LogManager.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        return List.of("target/test-classes", "target/classes", "../bindings/target/classes", log4j);
    }

    static List<String> line(List<String> classPath, Class<?> main, String... arguments) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(cautions());
        line.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-Dlog4j2.statusLoggerLevel=OFF",
                "-cp",
                String.join(File.pathSeparator, classPath),
                main.getName()));
        line.addAll(List.of(arguments));
        return line;
    }

    /** What keeps to what an emulated CPU does well, where there is one. */
    private static List<String> cautions() {
        return System.getProperty(CAUTIONS, "")
                .lines()
                .flatMap(options -> Stream.of(options.split(" ", -1)))
                .toList();
    }

    /** Runs a command line to its end, and returns all it said. */
    public static String run(List<String> line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        CompletableFuture<Void> late = CompletableFuture.runAsync(
                process::destroyForcibly, CompletableFuture.delayedExecutor(LIMIT.toSeconds(), TimeUnit.SECONDS));
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        if (!late.cancel(false)) {
            throw new AssertionError("killed after " + LIMIT + ": " + line + ", which had said " + said);
        }
        return said;
    }
}
