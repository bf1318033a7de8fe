package dev.remora;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the kernel tells in {@code /proc}; nothing of those who have ended. */
final class Proc {

    private Proc() {}

    static String text(long pid, String name) {
        return text(Path.of("/proc/" + pid, name));
    }

    /** Whether it runs a program, and waits for something. */
    static boolean sleeps(long pid, String command) {
        String status = text(pid, "status");
        return status.startsWith("Name:\t" + command + "\n") && status.contains("\nState:\tS");
    }

    /** What it says of each thread that has not ended yet. */
    static Stream<String> textOfThreads(long pid, String name) {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid, "task"))) {
            return threads.map(thread -> text(thread.resolve(name))).filter(text -> !text.isEmpty()).toList().stream();
        } catch (IOException | UncheckedIOException ended) {
            return Stream.empty();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException ended) {
            return "";
        }
    }

    /** How many files this JVM has open, but for the one that is open for counting. */
    static long openDescriptors() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count() - 1;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
