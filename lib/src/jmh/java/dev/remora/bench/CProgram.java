package dev.remora.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of the programs in {@code src/jmh/c}, compiled by the run that compares with it. */
record CProgram(Path path) {

    private static final Path SOURCES = Path.of("src/jmh/c");

    static CProgram compile(String name, Path folder) throws IOException, InterruptedException {
        Path program = folder.resolve(name);
        output(List.of(
                "cc",
                "-O2",
                "-pthread",
                "-o",
                program.toString(),
                SOURCES.resolve(name + ".c").toString()));
        return new CProgram(program);
    }

    /** Runs it to its end, and returns the numbers that it prints. */
    double[] measure(Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(path.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return output(command).lines().mapToDouble(Double::parseDouble).toArray();
    }

    static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed");
        }
        return output;
    }
}
