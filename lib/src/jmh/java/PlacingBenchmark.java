import dev.remora.Mechanism;
import dev.remora.MigrationOutcome;
import dev.remora.MoveOutcome;
import dev.remora.PlacementOutcome;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Moving pages of another process between NUMA nodes 0 and 1, and having it place them itself: by C programs and by
 * Remora, in turns, and on the same target.
 *
 * <p>Arguments: the MiB that are moved, rounds of that, and how often a target is made to place a page.
 */
final class PlacingBenchmark {

    /** A node with memory; 0 if the host has only one. */
    private static final int FAR = NumaTopology.ofThisHost().nodesWithMemory().contains(1) ? 1 : 0;

    private static final long PAGE = 4096;
    private static final long MIB = 1 << 20;
    private static final int RANGES = 10_000;
    private static final int RANGES_AT_ONCE_ROUNDS = 5;
    private static final int SESSIONS = 1_000;

    /** A daemon that has run for a while. */
    private static final int WARM_UP = 2_000;

    private final String moving = compile("moving");
    private final String injection = compile("injection");

    private PlacingBenchmark() throws IOException, InterruptedException {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        long[] numbers = Arrays.stream(arguments).mapToLong(Long::parseLong).toArray();
        var benchmark = new PlacingBenchmark();
        if (FAR > 0) {
            benchmark.move(numbers.length > 0 ? numbers[0] : 1024, numbers.length > 1 ? (int) numbers[1] : 6);
        } else {
            System.out.println("Moving is not measured: this host has one NUMA node");
        }
        benchmark.inject(numbers.length > 2 ? (int) numbers[2] : 1000);
    }

    private static String compile(String name) throws IOException, InterruptedException {
        Path program = Files.createTempDirectory("remora").resolve(name);
        program.toFile().deleteOnExit();
        var compiler = new ProcessBuilder("cc", "-O2", "-o", program.toString(), "lib/src/jmh/c/" + name + ".c");
        if (compiler.inheritIO().start().waitFor() != 0) {
            throw new IOException("lib/src/jmh/c/" + name + ".c does not compile");
        }
        return program.toString();
    }

    /** A process with memory on a node, until this is closed. */
    private record Target(Process shell, RemoteMemory memory, MemoryRange range) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            memory.close();
            shell.getOutputStream().close();
        }
    }

    /** Behind a shell, because a child of this JVM cannot be traced by it. */
    private Target target(long bytes, int node) throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", moving + " hold " + bytes + " " + node + "; exit")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String[] holder =
                shell.inputReader(StandardCharsets.US_ASCII).readLine().split(" ", -1);
        RemoteMemory memory = RemoteMemory.open(Long.parseLong(holder[0]));
        return new Target(shell, memory, MemoryRange.of(Long.parseUnsignedLong(holder[1], 16), bytes));
    }

    private static List<String> output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines =
                process.inputReader(StandardCharsets.US_ASCII).lines().toList();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + lines);
        }
        return lines;
    }

    private void move(long mebibytes, int rounds) throws IOException, InterruptedException {
        try (Target target = target(32 * MIB, 0)) {
            for (int i = 0; i < 20; i++) {
                double _ = moveByRemora(target, (i + 1) % 2);
            }
        }
        var byC = new ArrayList<Double>();
        var byRemora = new ArrayList<Double>();
        var byMigratepages = new ArrayList<Double>();
        var byMigrate = new ArrayList<Double>();
        try (Target target = target(mebibytes * MIB, 0)) {
            for (int i = 0; i < rounds; i++) {
                boolean remoraFirst = i % 2 == 1;
                byC.add(remoraFirst ? 0 : moveInC(target, 1));
                byRemora.add(moveByRemora(target, remoraFirst ? 1 : 0));
                if (remoraFirst) {
                    byC.set(i, moveInC(target, 0));
                }
                if (i % 2 == 0) {
                    byMigratepages.add(migratepages(target, 0, 1));
                    byMigrate.add(migrate(target, 1, 0));
                } else {
                    byMigrate.add(migrate(target, 0, 1));
                    byMigratepages.add(migratepages(target, 1, 0));
                }
            }
        }
        System.out.println("| moving | C | Remora | Remora / C |\n|---|---|---|---|");
        compare(mebibytes + " MiB, move_pages", byC, byRemora);
        compare(mebibytes + " MiB, migratepages and migrate()", byMigratepages, byMigrate);
        compare(mebibytes + " MiB, migratepages and moveTo()", byMigratepages, byRemora);
    }

    private static void compare(String what, List<Double> inC, List<Double> byRemora) {
        double c = median(inC);
        double remora = median(byRemora);
        System.out.printf(Locale.ROOT, "| %s | %.0f ms | %.0f ms | %.2f |%n", what, c, remora, remora / c);
    }

    private static double median(List<Double> values) {
        return values.stream()
                .sorted()
                .skip((values.size() - 1) / 2)
                .findFirst()
                .orElseThrow();
    }

    private double moveInC(Target target, int node) throws IOException, InterruptedException {
        String[] result = output(
                        moving,
                        Long.toString(target.memory().pid()),
                        Long.toHexString(target.range().address()),
                        Long.toString(target.range().byteSize()),
                        Integer.toString(node))
                .getFirst()
                .split(" ", -1);
        require(result[2].equals("0"), "move_pages left pages: " + result[2]);
        return Double.parseDouble(result[0]);
    }

    private static double moveByRemora(Target target, int node) {
        long start = System.nanoTime();
        MoveOutcome outcome = target.memory().ranges(target.range()).moveTo(NodeSet.of(node));
        double milliseconds = (System.nanoTime() - start) / 1e6;
        require(outcome.movedBytes() == target.range().byteSize(), outcome.toString());
        return milliseconds;
    }

    private static double migratepages(Target target, int from, int to) throws IOException, InterruptedException {
        long start = System.nanoTime();
        var _ = output("migratepages", Long.toString(target.memory().pid()), "" + from, "" + to);
        return (System.nanoTime() - start) / 1e6;
    }

    private static double migrate(Target target, int from, int to) {
        long start = System.nanoTime();
        MigrationOutcome outcome = target.memory().migrate(NodeSet.of(from), NodeSet.of(to));
        double milliseconds = (System.nanoTime() - start) / 1e6;
        require(outcome instanceof MigrationOutcome.Complete, outcome.toString());
        return milliseconds;
    }

    private void inject(int times) throws IOException, InterruptedException {
        try (Target target = target(2 * RANGES * PAGE, FAR)) {
            for (int i = 0; i < WARM_UP; i++) {
                double _ = place(target, ranges(target, 1));
            }
            System.out.println("\n| the target stands still | C, median | C, maximum | Remora, median | Remora, maximum"
                    + " | Remora / C, medians |\n|---|---|---|---|---|---|");
            standstill("one range, " + times + " times", target, 1, times);
            standstill(
                    RANGES + " ranges at once, " + RANGES_AT_ONCE_ROUNDS + " times",
                    target,
                    RANGES,
                    RANGES_AT_ONCE_ROUNDS);
            System.out.println(
                    "\n| " + RANGES + " ranges, the whole time | C | Remora | Remora / C |\n|---|---|---|---|");
            atOnce(target);
            oneByOne(target);
        }
    }

    private void standstill(String what, Target target, int ranges, int times)
            throws IOException, InterruptedException {
        double[] c = injectInC(target, ranges, times);
        var remora = new ArrayList<Double>();
        MemoryRange[] request = ranges(target, ranges);
        for (int i = 0; i < times; i++) {
            remora.add(place(target, request));
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f µs | %.0f µs | %.0f µs | %.0f µs | %.2f |%n",
                what,
                c[0],
                c[1],
                median(remora),
                Collections.max(remora),
                median(remora) / c[0]);
    }

    private void atOnce(Target target) throws IOException, InterruptedException {
        var inC = new ArrayList<Double>();
        var byRemora = new ArrayList<Double>();
        MemoryRange[] request = ranges(target, RANGES);
        for (int i = 0; i < RANGES_AT_ONCE_ROUNDS; i++) {
            inC.add(injectInC(target, RANGES, 1)[1] / 1e3);
            long start = System.nanoTime();
            double _ = place(target, request);
            byRemora.add((System.nanoTime() - start) / 1e6);
        }
        compare(RANGES + " ranges in one session", inC, byRemora);
    }

    private void oneByOne(Target target) throws IOException, InterruptedException {
        long start = System.nanoTime();
        double[] _ = injectInC(target, 1, SESSIONS);
        double inC = (System.nanoTime() - start) / 1e6;
        start = System.nanoTime();
        for (MemoryRange range : ranges(target, SESSIONS)) {
            double _ = place(target, range);
        }
        double byRemora = (System.nanoTime() - start) / 1e6;
        compare(SESSIONS + " ranges, a session for each", List.of(inC), List.of(byRemora));
    }

    /** Every second page, so that no two ranges are neighbours. */
    private static MemoryRange[] ranges(Target target, int count) {
        return LongStream.range(0, count)
                .mapToObj(i -> MemoryRange.of(target.range().address() + 2 * i * PAGE, PAGE))
                .toArray(MemoryRange[]::new);
    }

    /** Median and maximum of the standstill, in microseconds. */
    private double[] injectInC(Target target, int ranges, int times) throws IOException, InterruptedException {
        String pid = Long.toString(target.memory().pid());
        return Arrays.stream(output(
                                injection,
                                pid,
                                pid,
                                Long.toHexString(target.range().address()),
                                Long.toString(target.range().byteSize()),
                                Integer.toString(FAR),
                                Integer.toString(times),
                                Integer.toString(ranges))
                        .getFirst()
                        .split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static double place(Target target, MemoryRange... ranges) {
        PlacementOutcome outcome =
                target.memory().ranges(ranges).place(MemoryPolicy.bind(NodeSet.of(FAR)), Mechanism.INJECTED);
        if (outcome instanceof PlacementOutcome.Complete all) {
            return all.figures().standstill().toNanos() / 1e3;
        }
        throw new IllegalStateException(outcome.toString());
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
