package dev.remora.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.RunnerException;

/**
 * What Remora's advice costs beside C, JNA and jnr-ffi: compiles the C programs, measures in rounds, and writes tables and
 * plots into the documentation.
 *
 * <p>Arguments: the number of rounds, and the names of the questions to ask.
 */
final class Benchmarks {

    private static final Path FOLDER = Path.of("target", "bench");
    private static final long PAGE = 4096;
    private static final long GIB = 1 << 30;
    private static final int PAGING_TIMES = 2;

    private final int rounds;
    private final Report report = new Report(Path.of("..", "docs"));
    private final Path target;

    private Benchmarks(int rounds) throws IOException, InterruptedException {
        this.rounds = rounds;
        Files.createDirectories(FOLDER);
        target = program("target").path().toAbsolutePath();
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, RunnerException {
        var benchmarks = new Benchmarks(Integer.parseInt(arguments[0]));
        for (String question : arguments[1].split(",", -1)) {
            switch (question) {
                case "calls" -> benchmarks.calls();
                case "ranges" -> benchmarks.ranges();
                case "mappings" -> benchmarks.mappings();
                case "listing" -> benchmarks.listing();
                case "lookup" -> benchmarks.lookup();
                case "paging" -> benchmarks.paging();
                case "undo" -> benchmarks.undo();
                case "residency" -> benchmarks.residency();
                case "copying" -> benchmarks.copying();
                default -> throw new IllegalArgumentException("There is no question " + question);
            }
        }
    }

    private static CProgram program(String name) throws IOException, InterruptedException {
        return CProgram.compile(name, FOLDER);
    }

    private void calls() throws IOException, InterruptedException, RunnerException {
        var getppid = new Comparison(
                "getppid",
                List.of(
                        Way.inC(program("call")),
                        new Way(Way.REMORA, new Forked(CallBenchmark.class, "remora")),
                        new Way("JNA", new Forked(CallBenchmark.class, "jna")),
                        new Way("jnr-ffi", new Forked(CallBenchmark.class, "jnr"))));
        answer("calls", "One system call", "", List.of(getppid.withGoal(1.5)));
    }

    private void ranges() throws IOException, InterruptedException, RunnerException {
        CProgram program = program("ranges");
        try (Target running = Target.start(target, 10_000, PAGE)) {
            List<Comparison> sizes = Stream.of(1, 64, 2_000, 10_000)
                    .map(count -> rangesOf(count, running, program))
                    .toList();
            answer("ranges", "markCold() on ranges of another process", "", sizes);
        }
    }

    private static Comparison rangesOf(int count, Target running, CProgram program) {
        Target.Place place = running.place();
        Object[] these = {place.pid(), place.address(), place.rangeSize(), count};
        var comparison = new Comparison(
                String.format(Locale.ROOT, count == 1 ? "%,d range" : "%,d ranges", count),
                List.of(
                        Way.inC(
                                program,
                                Stream.concat(Stream.of(these), Stream.of("vectored"))
                                        .toArray()),
                        new Way(Way.REMORA, markCold("remora", running).with("count", count)),
                        new Way("JNA", markCold("jna", running).with("count", count)),
                        new Way("jnr-ffi", markCold("jnr", running).with("count", count)),
                        Way.inC(
                                "C, a call each",
                                program,
                                Stream.concat(Stream.of(these), Stream.of("single"))
                                        .toArray())));
        return count < 1_000 ? comparison : comparison.withGoal(1.1);
    }

    private static Forked markCold(String method, Target running) {
        return new Forked(RangesBenchmark.class, method).on(running);
    }

    private void mappings() throws IOException, InterruptedException, RunnerException {
        CProgram program = program("mappings");
        try (Target some = Target.start(target, 2_000, PAGE);
                Target many = Target.start(target, 20_000, PAGE)) {
            List<Comparison> sizes =
                    List.of(mappingsOf("2,000 mappings", some, program), mappingsOf("20,000 mappings", many, program));
            answer("mappings", "mappings().anonymous().markCold()", "", sizes);
        }
    }

    private static Comparison mappingsOf(String name, Target running, CProgram program) {
        return new Comparison(
                        name,
                        List.of(
                                Way.inC(program, running.place().pid()),
                                new Way(Way.REMORA, new Forked(MappingsBenchmark.class, "remora").on(running)),
                                new Way("JNA", new Forked(MappingsBenchmark.class, "jna").on(running)),
                                new Way("jnr-ffi", new Forked(MappingsBenchmark.class, "jnr").on(running))))
                .withGoal(1.3);
    }

    private void listing() throws IOException, InterruptedException, RunnerException {
        CProgram program = program("listing");
        try (Target some = Target.start(target, 2_000, PAGE);
                Target many = Target.start(target, 20_000, PAGE);
                Target most = Target.start(target, 60_000, PAGE)) {
            List<Comparison> sizes = List.of(
                    listingOf("2,000 mappings", some, program),
                    listingOf("20,000 mappings", many, program),
                    listingOf("60,000 mappings", most, program));
            answer("listing", "addressSpace()", "", sizes);
        }
    }

    private static Comparison listingOf(String name, Target running, CProgram program) {
        return new Comparison(
                        name,
                        List.of(
                                Way.inC(program, running.place().pid()),
                                new Way(Way.REMORA, new Forked(ListingBenchmark.class, "remora").on(running)),
                                new Way("Files.lines", new Forked(ListingBenchmark.class, "lines").on(running))))
                .withGoal(1.5);
    }

    private void lookup() throws IOException, InterruptedException, RunnerException {
        CProgram program = program("lookup");
        try (Target running = Target.start(target, 20_000, PAGE)) {
            Target.Place place = running.place();
            var one = new Comparison(
                    "of 20,000 mappings",
                    List.of(
                            Way.inC(program, place.pid(), place.address()),
                            new Way(Way.REMORA, new Forked(ListingBenchmark.class, "oneAddress").on(running))));
            answer("lookup", "mappingAt(address)", "", List.of(one.withGoal(1.3)));
        }
    }

    private void paging() throws IOException, InterruptedException, RunnerException {
        CProgram program = program("paging");
        try (SwapSpace swap = SwapSpace.open(FOLDER, 2 * GIB)) {
            List<Comparison> sizes = List.of(paging("1 thread", 1, program), paging("2 threads", 2, program));
            answer("paging", "pageOut() of 1 GiB", "to " + swap.description() + ", ", sizes);
        }
    }

    private void undo() throws IOException, InterruptedException {
        try (SwapSpace swap = SwapSpace.open(FOLDER, 2 * GIB)) {
            var undoing = new Undoing(target, GIB);
            for (int round = 0; round < rounds; round++) {
                undoing.round();
            }
            report.write("undo", undoing.table(circumstances("with " + swap.description() + ", ")));
        }
    }

    private String circumstances(String where) {
        return "Medians of " + rounds + (rounds == 1 ? " round" : " rounds") + ", " + where + Host.description() + ".";
    }

    private Comparison paging(String name, int threads, CProgram program) {
        var remora = new Forked(PagingBenchmark.class, "remora")
                .with("program", target)
                .with("bytes", GIB)
                .with("threads", threads)
                .inSingleShots();
        return new Comparison(
                name, List.of(Way.inC(program, target, GIB, threads, PAGING_TIMES), new Way(Way.REMORA, remora)));
    }

    private void residency() throws IOException, InterruptedException, RunnerException {
        CProgram program = program("residency");
        try (Target running = Target.start(target, 1, 4 * GIB)) {
            Target.Place place = running.place();
            var all = new Comparison(
                    "4 GiB in RAM",
                    List.of(
                            Way.inC(program, place.pid(), place.address(), place.rangeSize()),
                            new Way(Way.REMORA, new Forked(ResidencyBenchmark.class, "remora").on(running))));
            answer("residency", "residency() of 4 GiB of small pages", "", List.of(all.withGoal(1.1)));
        }
    }

    private void copying() throws IOException, InterruptedException, RunnerException {
        CProgram program = program("copying");
        try (Target running = Target.start(target, 1, GIB)) {
            List<Comparison> ways = Stream.of("read", "write")
                    .map(way -> copying(way, running, program))
                    .toList();
            answer("copying", "Copying 1 GiB of another process", "", ways);
        }
    }

    private static Comparison copying(String way, Target running, CProgram program) {
        Target.Place place = running.place();
        return new Comparison(
                        way,
                        List.of(
                                Way.inC(program, place.pid(), place.address(), place.rangeSize(), way),
                                new Way(Way.REMORA, new Forked(CopyingBenchmark.class, way).on(running))))
                .withGoal(1.05);
    }

    private void answer(String name, String title, String where, List<Comparison> comparisons)
            throws IOException, InterruptedException, RunnerException {
        for (int round = 0; round < rounds; round++) {
            for (Comparison comparison : comparisons) {
                comparison.round(round);
            }
        }
        report.write(new Question(name, title, circumstances(where), comparisons));
    }
}
