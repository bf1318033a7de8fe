package dev.remora.specimen;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that notices what is done to it, and says so in the end. A shell stands between it and this JVM, since Java would
 * take the stops of a child of its own for its end.
 */
public final class Torment implements AutoCloseable {

    private static final Path SOURCE = Path.of("src/test/c/torment.c");

    /** Compiled once; the test classes of one JVM share it. */
    private static final class Program {
        static final Path PATH = Specimen.compile(SOURCE);
    }

    private final Process shell;
    private final BufferedReader output;
    private final long pid;
    private final long address;
    private final long byteSize;

    private Torment(Process shell, BufferedReader output, String ready) {
        this.shell = shell;
        this.output = output;
        pid = shell.children().findFirst().orElseThrow().pid();
        String[] words = ready.split(" ", -1);
        address = Long.parseUnsignedLong(words[1], 16);
        byteSize = Long.parseLong(words[2]);
    }

    /** What it says: its lines, and whether all was as it has to be. */
    public record Verdict(boolean unharmed, List<String> roles) {}

    /** Starts the C program with some of its roles, all if none are named; skips the test without a C compiler. */
    public static Torment start(String... roles) throws IOException {
        Specimen.requireCompiler();
        List<String> line = new ArrayList<>(List.of(Program.PATH.toString()));
        line.addAll(List.of(roles));
        return start(line);
    }

    /** Starts a program of the same manners. */
    public static Torment start(List<String> program) throws IOException {
        List<String> line = new ArrayList<>(List.of("sh", "-c", "\"$0\" \"$@\"; exit $?"));
        line.addAll(program);
        Process shell = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = shell.inputReader(StandardCharsets.UTF_8);
        String ready = output.readLine();
        if (ready == null || !ready.startsWith("ready ")) {
            shell.destroyForcibly();
            throw new AssertionError("it did not get ready, and said " + ready);
        }
        return new Torment(shell, output, ready);
    }

    public long pid() {
        return pid;
    }

    /** Where it has memory that may be placed. */
    public long address() {
        return address;
    }

    public long byteSize() {
        return byteSize;
    }

    /** Has it end, and asks what it noticed. */
    public Verdict end() throws IOException, InterruptedException {
        shell.getOutputStream().close();
        List<String> roles = output.lines().toList();
        return new Verdict(shell.waitFor() == 0, roles);
    }

    @Override
    public void close() {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        try {
            if (!shell.waitFor(10, TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
