import dev.remora.ReleaseOutcome;
import dev.remora.RemoteMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How long it takes from the decision to end a process until its memory is back: by C programs that wait, that release
 * the memory, and that do so urgently, and by Remora. The four take turns, and each ends the same C victims.
 *
 * <p>Arguments: rounds for 64 MiB (fewer for larger ones), and the sizes in MiB.
 */
final class EndingBenchmark {

    private static final long MIB = 1 << 20;
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(10);
    private static final List<String> IN_C = List.of("wait", "release", "urgent");
    private static final List<String> SITUATIONS = List.of("calm", "busy", "stopped");

    /** The time until the memory was back, and whether the caller freed it. */
    private record Round(double microseconds, boolean won) {}

    private final String ending;
    private final RandomAccessFile meminfo = new RandomAccessFile("/proc/meminfo", "r");
    private final byte[] text = new byte[1024];

    private EndingBenchmark(String ending) throws IOException {
        this.ending = ending;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 40;
        long[] sizes = arguments.length > 1
                ? Arrays.stream(arguments).skip(1).mapToLong(Long::parseLong).toArray()
                : new long[] {64, 1024, 4096, 8192};
        var benchmark = new EndingBenchmark(compile());
        benchmark.warmUp();
        System.out.println(
                "| victim | " + String.join(" | ", "C: kill, wait", "C: kill, release", "C: urgent", "Remora")
                        + " | Remora / C urgent | C wait / Remora | released by C, C urgent, Remora |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        for (String situation : SITUATIONS) {
            for (long size : sizes) {
                benchmark.compare(size, situation, Math.max(5, (int) (rounds * 64 / size)));
            }
        }
    }

    /** A daemon that has run for a while; the first end in a JVM takes some milliseconds more. */
    private void warmUp() throws IOException, InterruptedException {
        for (int i = 0; i < 20_000; i++) {
            long _ = anonymousBytes();
        }
        for (int i = 0; i < 500; i++) {
            var _ = remora(16 * MIB, "calm");
        }
    }

    private static String compile() throws IOException, InterruptedException {
        Path program = Files.createTempDirectory("remora").resolve("ending");
        program.toFile().deleteOnExit();
        var compiler = new ProcessBuilder("cc", "-O2", "-pthread", "-o", program.toString(), "lib/src/jmh/c/ending.c");
        if (compiler.inheritIO().start().waitFor() != 0) {
            throw new IOException("lib/src/jmh/c/ending.c does not compile");
        }
        return program.toString();
    }

    private void compare(long mebibytes, String situation, int rounds) throws IOException, InterruptedException {
        Map<String, List<Round>> results = new LinkedHashMap<>();
        for (int i = 0; i < rounds; i++) {
            for (String how : IN_C) {
                results.computeIfAbsent(how, any -> new ArrayList<>()).add(inC(how, mebibytes * MIB, situation));
            }
            results.computeIfAbsent("remora", any -> new ArrayList<>()).add(remora(mebibytes * MIB, situation));
        }
        double remora = median(results.get("remora"));
        System.out.printf(
                Locale.ROOT,
                "| %d MiB, %s | %.1f ms | %.1f ms | %.1f ms | %.1f ms | %.2f | %.2f | %s, %s, %s of %d |%n",
                mebibytes,
                situation,
                median(results.get("wait")) / 1e3,
                median(results.get("release")) / 1e3,
                median(results.get("urgent")) / 1e3,
                remora / 1e3,
                remora / median(results.get("urgent")),
                median(results.get("wait")) / remora,
                won(results.get("release")),
                won(results.get("urgent")),
                won(results.get("remora")),
                rounds);
    }

    private static double median(List<Round> rounds) {
        return rounds.stream()
                .mapToDouble(Round::microseconds)
                .sorted()
                .skip((rounds.size() - 1) / 2)
                .findFirst()
                .orElseThrow();
    }

    private static long won(List<Round> rounds) {
        return rounds.stream().filter(Round::won).count();
    }

    private Round inC(String how, long bytes, String situation) throws IOException {
        Process driver = new ProcessBuilder(ending, "drive", how, Long.toString(bytes), "1", "0", situation)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String[] figures = new String(driver.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split(" ", -1);
        return new Round(Double.parseDouble(figures[3]), figures[0].equals("1"));
    }

    private Round remora(long bytes, String situation) throws IOException, InterruptedException {
        Process loop = situation.equals("busy")
                ? new ProcessBuilder("taskset", "-c", "1", "sh", "-c", "while :; do :; done").start()
                : null;
        Process victim = new ProcessBuilder(ending, "victim", Long.toString(bytes), "0").start();
        victim.getInputStream().read();
        Thread.sleep(20);
        prepare(victim, situation);
        try (RemoteMemory memory = RemoteMemory.open(victim.pid())) {
            long without = anonymousBytes() - bytes / 100 * 95;
            long start = System.nanoTime();
            ReleaseOutcome outcome = memory.killAndRelease();
            while (anonymousBytes() > without && System.nanoTime() - start < LONGEST) {
                Thread.onSpinWait();
            }
            double microseconds = (System.nanoTime() - start) / 1e3;
            victim.waitFor();
            return new Round(microseconds, outcome instanceof ReleaseOutcome.Reaped);
        } finally {
            if (loop != null) {
                loop.destroyForcibly().waitFor();
            }
        }
    }

    private static void prepare(Process victim, String situation) throws IOException, InterruptedException {
        String pid = Long.toString(victim.pid());
        if (situation.equals("busy")) {
            new ProcessBuilder("taskset", "-a", "-p", "-c", "1", pid).start().waitFor();
        } else if (situation.equals("stopped")) {
            new ProcessBuilder("kill", "-STOP", pid).start().waitFor();
        }
    }

    private long anonymousBytes() throws IOException {
        meminfo.seek(0);
        int length = meminfo.read(text);
        String all = new String(text, 0, length, StandardCharsets.US_ASCII);
        int at = all.indexOf("AnonPages:") + "AnonPages:".length();
        return Long.parseLong(all.substring(at, all.indexOf("kB", at)).strip()) * 1024;
    }
}
