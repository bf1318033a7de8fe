package dev.remora.preconditions;

import dev.remora.addressspace.ByteSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A swap file of this test run, removed when its JVM ends. */
final class TemporarySwap {

    private static final Path FILE = Path.of("target", "temporary-swap").toAbsolutePath();
    private static final long BYTES = 256 * ByteSize.MiB;
    private static final Optional<String> MISSING = find();

    private TemporarySwap() {}

    static Optional<String> missing() {
        return MISSING;
    }

    private static Optional<String> find() {
        try {
            return ofTheHost() ? Optional.empty() : make();
        } catch (IOException | InterruptedException failure) {
            remove();
            return Optional.of("no swap, and none can be made: " + failure.getMessage());
        }
    }

    /** Swap that another run of the tests made goes away with it, and that of an earlier run of ours was left behind. */
    private static boolean ofTheHost() throws IOException {
        return Files.readAllLines(Path.of("/proc/swaps")).stream()
                .skip(1)
                .anyMatch(line -> !line.contains("/target/" + FILE.getFileName()));
    }

    private static Optional<String> make() throws IOException, InterruptedException {
        if (!System.getProperty("user.name").equals("root")) {
            return Optional.of("no swap, and only root can make some");
        }
        Runtime.getRuntime().addShutdownHook(new Thread(TemporarySwap::remove));
        remove();
        writeZeros();
        run("chmod", "600", FILE.toString());
        run("mkswap", FILE.toString());
        run("swapon", FILE.toString());
        return Optional.empty();
    }

    /** Swap files have no holes. */
    private static void writeZeros() throws IOException {
        byte[] block = new byte[1 << 20];
        try (var output = Files.newOutputStream(FILE)) {
            for (long written = 0; written < BYTES; written += block.length) {
                output.write(block);
            }
        }
    }

    private static void run(String... line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", line) + ": " + said.strip());
        }
    }

    private static void remove() {
        try {
            if (Files.exists(FILE)) {
                new ProcessBuilder("swapoff", FILE.toString()).start().waitFor();
                Files.delete(FILE);
            }
        } catch (IOException | InterruptedException failure) {
            System.out.println("the temporary swap " + FILE + " may be left: " + failure);
        }
    }
}
