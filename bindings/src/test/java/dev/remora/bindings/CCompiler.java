package dev.remora.bindings;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The C compiler of this machine, run for its opinion only. */
record CCompiler(Path executable, Path directory) {
    record Verdict(boolean accepted, String output) {}

    static Optional<CCompiler> onThePath(Path directory) {
        return Stream.of("cc", "gcc", "clang")
                .flatMap(CCompiler::candidates)
                .filter(Files::isExecutable)
                .findFirst()
                .map(executable -> new CCompiler(executable, directory));
    }

    Verdict check(CSource source) throws IOException, InterruptedException {
        return run(source, "-fsyntax-only", "-std=gnu11");
    }

    /** {@return every macro that is defined after the source was read, as {@code #define} lines} */
    List<String> macros(CSource source) throws IOException, InterruptedException {
        return run(source, "-E", "-dM").output().lines().toList();
    }

    private static Stream<Path> candidates(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Arrays.stream(path.split(File.pathSeparator)).map(Path::of).map(folder -> folder.resolve(name));
    }

    private Verdict run(CSource source, String... options) throws IOException, InterruptedException {
        Path file = Files.writeString(Files.createTempFile(directory, "headers", ".c"), source.text());
        Process process = start(file, options);
        String output = new String(process.getInputStream().readAllBytes());
        return new Verdict(process.waitFor() == 0, output);
    }

    private Process start(Path file, String... options) throws IOException {
        Stream<String> fixed = Stream.of("-I", BindingsDirectory.HEADERS.toString(), file.toString());
        List<String> command = Stream.of(Stream.of(executable.toString()), Stream.of(options), fixed)
                .flatMap(words -> words)
                .toList();
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
