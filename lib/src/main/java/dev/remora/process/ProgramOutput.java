package dev.remora.process;

import java.io.BufferedReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** What a program says, line by line, listened to until it says no more. */
final class ProgramOutput {

    /** No line, but what comes behind the last. */
    static final String END = "\n";

    private ProgramOutput() {}

    /** Has a thread of that name listen. */
    static BlockingQueue<String> of(Process program, String threadName) {
        var lines = new LinkedBlockingQueue<String>();
        BufferedReader output = program.inputReader(StandardCharsets.US_ASCII);
        Thread _ = Thread.ofPlatform().name(threadName).daemon().start(() -> listen(output, lines));
        return lines;
    }

    private static void listen(BufferedReader output, Queue<String> lines) {
        try {
            output.lines().forEach(lines::add);
        } catch (UncheckedIOException killed) {
            // It says nothing any more.
        } finally {
            lines.add(END);
        }
    }
}
