import dev.remora.FreezeMethod;
import dev.remora.FrozenOutcome;
import dev.remora.RemoteMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How long a process with 1, 50 and 500 threads stands still when it is frozen and let run at once: by a C program and by
 * Remora, each by every method that this host and this user have, on the same process.
 *
 * <p>Argument: how often.
 */
final class FreezingBenchmark {

    private static final int WARM_UP = 300;
    private static final List<Integer> THREADS = List.of(1, 50, 500);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final String program = compile();
    private final int times;

    private FreezingBenchmark(int times) throws IOException, InterruptedException {
        this.times = times;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        new FreezingBenchmark(arguments.length > 0 ? Integer.parseInt(arguments[0]) : 500).run();
    }

    private static String compile() throws IOException, InterruptedException {
        Path compiled = Files.createTempDirectory("remora").resolve("freezing");
        compiled.toFile().deleteOnExit();
        var compiler =
                new ProcessBuilder("cc", "-O2", "-pthread", "-o", compiled.toString(), "lib/src/jmh/c/freezing.c");
        if (compiler.inheritIO().start().waitFor() != 0) {
            throw new IOException("lib/src/jmh/c/freezing.c does not compile");
        }
        return compiled.toString();
    }

    private void run() throws IOException, InterruptedException {
        System.out.println("| threads | method | C, median | C, maximum | Remora, median | Remora, maximum"
                + " | Remora / C, medians |\n|---|---|---|---|---|---|---|");
        for (int threads : THREADS) {
            for (FreezeMethod method : FreezeMethod.values()) {
                compare(threads, method);
            }
        }
    }

    private void compare(int threads, FreezeMethod method) throws IOException, InterruptedException {
        boolean inGroup = method == FreezeMethod.CGROUP_V1 || method == FreezeMethod.CGROUP_V2;
        Optional<Path> group = inGroup ? group(method) : Optional.empty();
        if (inGroup && group.isEmpty()) {
            System.out.println("| " + threads + " | " + method + " | no such cgroup can be made here | | | | |");
            return;
        }
        try (Target target = target(threads)) {
            if (group.isPresent()) {
                Files.writeString(
                        group.get().resolve("cgroup.procs"),
                        Long.toString(target.memory().pid()));
            }
            var _ = byRemora(target, method, Math.min(WARM_UP, times));
            double[] c = inC(target, method, group);
            List<Double> remora = byRemora(target, method, times);
            Collections.sort(remora);
            double median = remora.get(remora.size() / 2);
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %s | %.0f µs | %.0f µs | %.0f µs | %.0f µs | %.2f |%n",
                    threads,
                    method,
                    c[0],
                    c[1],
                    median,
                    remora.getLast(),
                    median / c[0]);
        } finally {
            if (group.isPresent()) {
                remove(group.get());
            }
        }
    }

    /** A process leaves its cgroup a moment after it has ended. */
    private static void remove(Path group) throws IOException, InterruptedException {
        for (int i = 0;
                i < 500 && !Files.readString(group.resolve("cgroup.procs")).isEmpty();
                i++) {
            Thread.sleep(10);
        }
        Files.delete(group);
    }

    private static Optional<Path> group(FreezeMethod method) throws IOException {
        boolean first = method == FreezeMethod.CGROUP_V1;
        String file = first ? "freezer.state" : "cgroup.freeze";
        for (String root :
                first ? List.of("/sys/fs/cgroup/freezer") : List.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified")) {
            if (Files.exists(Path.of(root, "cgroup.procs")) && Files.isWritable(Path.of(root))) {
                Path group = Files.createDirectory(
                        Path.of(root, "remora-bench-" + ProcessHandle.current().pid()));
                if (Files.exists(group.resolve(file))) {
                    return Optional.of(group);
                }
                Files.delete(group);
            }
        }
        return Optional.empty();
    }

    /** A process with threads that sleep, until this is closed. */
    private record Target(Process shell, RemoteMemory memory) implements AutoCloseable {
        @Override
        public void close() throws IOException, InterruptedException {
            memory.close();
            shell.getOutputStream().close();
            var _ = shell.waitFor();
        }
    }

    /** Behind a shell, because a child of this JVM cannot be traced by it. */
    private Target target(int threads) throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", program + " target " + threads + "; exit")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String pid = shell.inputReader(StandardCharsets.US_ASCII).readLine();
        return new Target(shell, RemoteMemory.open(Long.parseLong(pid)));
    }

    /** Median and maximum, in microseconds. */
    private double[] inC(Target target, FreezeMethod method, Optional<Path> group)
            throws IOException, InterruptedException {
        String name = switch (method) {
            case PTRACE -> "ptrace";
            case CGROUP_V2 -> "cgroup2";
            case CGROUP_V1 -> "cgroup1";
            case SIGSTOP -> "sigstop";
        };
        List<String> command = new ArrayList<>(
                List.of(program, name, Long.toString(target.memory().pid()), Integer.toString(times)));
        group.ifPresent(path -> command.add(path.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = process.inputReader(StandardCharsets.US_ASCII).readLine();
        if (process.waitFor() != 0) {
            throw new IOException(command + " failed");
        }
        return Arrays.stream(said.split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static List<Double> byRemora(Target target, FreezeMethod method, int times) throws InterruptedException {
        List<Double> microseconds = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            FrozenOutcome<Boolean> outcome = target.memory().whileFrozen(LIMIT, method, _ -> true);
            if (!(outcome instanceof FrozenOutcome.Done<Boolean> done)) {
                throw new IllegalStateException(outcome.toString());
            }
            microseconds.add(done.standstill().toNanos() / 1e3);
            Thread.sleep(1);
        }
        return microseconds;
    }
}
