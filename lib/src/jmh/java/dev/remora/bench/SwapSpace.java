package dev.remora.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Somewhere for memory to be paged out to: compressed RAM if this host can, else a file. Removed when this is closed. */
final class SwapSpace implements AutoCloseable {

    private static final Path ZRAM = Path.of("/sys/block/zram0");
    private static final String ZRAM_DEVICE = "/dev/zram0";

    private final String description;
    private final List<List<String>> removal;
    private final Thread atEnd = new Thread(this::remove);
    private boolean removed;

    private SwapSpace(String description, List<List<String>> removal) {
        this.description = description;
        this.removal = removal;
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    static SwapSpace open(Path folder, long bytes) throws IOException, InterruptedException {
        if (Files.readAllLines(Path.of("/proc/swaps")).size() > 1) {
            return new SwapSpace("the swap that this host has", List.of());
        }
        return zramIsFree() ? compressed(bytes) : file(folder.resolve("swap"), bytes);
    }

    private static boolean zramIsFree() throws IOException {
        return Files.isWritable(ZRAM.resolve("disksize"))
                && Files.readString(ZRAM.resolve("disksize")).strip().equals("0");
    }

    private static SwapSpace compressed(long bytes) throws IOException, InterruptedException {
        String algorithms = Files.readString(ZRAM.resolve("comp_algorithm"));
        String algorithm = algorithms.substring(algorithms.indexOf('[') + 1, algorithms.indexOf(']'));
        Files.writeString(ZRAM.resolve("disksize"), Long.toString(bytes));
        String reset = "echo 1 > " + ZRAM.resolve("reset");
        var swap = new SwapSpace(
                "zram (" + algorithm + ")", List.of(List.of("swapoff", ZRAM_DEVICE), List.of("sh", "-c", reset)));
        swap.use(ZRAM_DEVICE);
        return swap;
    }

    private static SwapSpace file(Path file, long bytes) throws IOException, InterruptedException {
        String path = file.toString();
        CProgram.output(List.of("dd", "if=/dev/zero", "of=" + path, "bs=1M", "count=" + (bytes >> 20), "status=none"));
        CProgram.output(List.of("chmod", "600", path));
        var swap = new SwapSpace("a swap file", List.of(List.of("swapoff", path), List.of("rm", "-f", path)));
        swap.use(path);
        return swap;
    }

    private void use(String path) throws IOException, InterruptedException {
        try {
            CProgram.output(List.of("mkswap", path));
            CProgram.output(List.of("swapon", path));
        } catch (IOException failure) {
            close();
            throw failure;
        }
    }

    String description() {
        return description;
    }

    private synchronized void remove() {
        if (removed) {
            return;
        }
        removed = true;
        for (List<String> command : removal) {
            try {
                CProgram.output(command);
            } catch (IOException | InterruptedException failure) {
                System.err.println("The swap space is still there: " + failure.getMessage());
            }
        }
    }

    @Override
    public void close() {
        remove();
    }
}
