package dev.remora.specimen;

import dev.remora.preconditions.Skip;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that a JVM cannot be: one of those in {@code src/test/c/specimens.c}. Ends when it is closed. */
public final class Specimen implements AutoCloseable {

    private static final Path SOURCE = Path.of("src/test/c/specimens.c");
    private static final List<String> COMPILERS = List.of("cc", "gcc", "clang");

    /** Compiled once; the test classes of one JVM share it. */
    private static final class Program {
        static final Path PATH = compile(SOURCE);
    }

    private final Process process;
    private final String said;

    private Specimen(Process process, String said) {
        this.process = process;
        this.said = said;
    }

    /** Starts a specimen and waits until it is what it is called; skips the test without a C compiler. */
    public static Specimen start(String name, long... arguments) throws IOException {
        return startBy(List.of(), name, arguments);
    }

    /** The same by a program that runs it in its own way. */
    public static Specimen startBy(List<String> runner, String name, long... arguments) throws IOException {
        List<String> line = new ArrayList<>(runner);
        line.addAll(List.of(program().toString(), name));
        for (long argument : arguments) {
            line.add(Long.toString(argument));
        }
        Process process = new ProcessBuilder(line).start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        return new Specimen(process, output.readLine());
    }

    /** The program that is all of them; skips the test without a C compiler. */
    public static Path program() {
        requireCompiler();
        return Program.PATH;
    }

    static void requireCompiler() {
        Skip.unless(compiler().isPresent(), "no C compiler on the PATH (cc, gcc or clang)");
    }

    static Path compile(Path source) {
        String compiler = compiler().orElseThrow();
        try {
            String name = source.getFileName().toString().replace(".c", "");
            Path folder = Files.createTempDirectory("remora");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path program = folder.resolve(name);
            program.toFile().deleteOnExit();
            Process compilation = new ProcessBuilder(
                            compiler, "-O1", "-pthread", "-o", program.toString(), source.toString())
                    .inheritIO()
                    .start();
            if (compilation.waitFor() != 0) {
                throw new AssertionError(source + " does not compile");
            }
            return program;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Optional<String> compiler() {
        return COMPILERS.stream().filter(Specimen::exists).findFirst();
    }

    private static boolean exists(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    public long pid() {
        return process.pid();
    }

    public Process process() {
        return process;
    }

    /** The numbers it printed. */
    public List<Long> numbers() {
        return Stream.of(said.strip().split(" ")).map(Long::valueOf).toList();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException alreadyGone) {
            process.destroyForcibly();
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
