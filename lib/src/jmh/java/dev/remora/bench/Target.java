package dev.remora.bench;

import dev.remora.addressspace.MemoryRange;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A process whose memory is advised: the C program {@code target}, until this is closed. */
final class Target implements AutoCloseable {

    /** Where in the memory of which process the ranges are, in a form that a forked JVM is told. */
    record Place(long pid, long address, long rangeSize) {

        private static final String PROPERTY = "remora.bench.target";

        static Place ofThisRun() {
            String[] numbers = System.getProperty(PROPERTY, "").split(":", -1);
            return new Place(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
        }

        String option() {
            return "-D" + PROPERTY + "=" + pid + ":" + address + ":" + rangeSize;
        }

        MemoryRange range(int index) {
            return MemoryRange.of(address + index * rangeSize, rangeSize);
        }

        List<MemoryRange> ranges(int count) {
            return IntStream.range(0, count).mapToObj(this::range).toList();
        }
    }

    private final Process process;
    private final BufferedReader answers;
    private final Place place;

    private Target(Process process, BufferedReader answers, Place place) {
        this.process = process;
        this.answers = answers;
        this.place = place;
    }

    static Target start(Path program, int ranges, long rangeSize) throws IOException {
        Process process = new ProcessBuilder(program.toString(), Integer.toString(ranges), Long.toString(rangeSize))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader answers = process.inputReader(StandardCharsets.US_ASCII);
        String[] said = answers.readLine().split(" ", -1);
        return new Target(process, answers, new Place(Long.parseLong(said[0]), Long.parseLong(said[1]), rangeSize));
    }

    Place place() {
        return place;
    }

    /** Has it touch its memory, which brings all of it back to RAM. */
    void touch() throws IOException {
        process.getOutputStream().write('t');
        process.getOutputStream().flush();
        if (answers.readLine() == null) {
            throw new IOException("The target has ended");
        }
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.onExit().join();
    }
}
