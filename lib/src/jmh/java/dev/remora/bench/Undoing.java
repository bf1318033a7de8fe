package dev.remora.bench;

import dev.remora.AdviceOutcome;
import dev.remora.RangeSelection;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long does a process take to use its memory again after it was paged out, and what does prefetching spare it? */
final class Undoing {

    /** What is timed. */
    private interface Step {
        void run() throws IOException;
    }

    private static final String IN_RAM = "the process touches it in RAM";
    private static final String PAGED_OUT = "after `pageOut()`";
    private static final String PREFETCH = "`prefetch()` after `pageOut()`";
    private static final String PREFETCHED = "after both";

    private final Path program;
    private final long bytes;
    private final Map<String, List<Long>> times = new LinkedHashMap<>();
    private long residentBytes;

    Undoing(Path program, long bytes) {
        this.program = program;
        this.bytes = bytes;
    }

    void round() throws IOException {
        try (Target target = Target.start(program, 1, bytes);
                RemoteMemory memory = RemoteMemory.open(target.place().pid())) {
            RangeSelection all = memory.ranges(MemoryRange.of(target.place().address(), bytes));
            time(IN_RAM, target::touch);
            pageOut(all);
            time(PAGED_OUT, target::touch);
            pageOut(all);
            time(PREFETCH, () -> require(all.prefetch()));
            residentBytes = residentBytes(all);
            time(PREFETCHED, target::touch);
        }
    }

    private void time(String name, Step step) throws IOException {
        long start = System.nanoTime();
        step.run();
        times.computeIfAbsent(name, _ -> new ArrayList<>()).add(System.nanoTime() - start);
    }

    private void pageOut(RangeSelection all) {
        AdviceOutcome outcome = all.measured().pageOut();
        require(outcome);
        long left = outcome.effect().orElseThrow().leftRamBytes();
        if (left < bytes / 100 * 95) {
            throw new IllegalStateException("Only " + ByteSize.format(left) + " left RAM");
        }
    }

    private static void require(AdviceOutcome outcome) {
        if (!outcome.complete()) {
            throw new IllegalStateException(outcome.toString());
        }
    }

    /** What is mapped; {@code markCold} is the advice that leaves most as it is. */
    private static long residentBytes(RangeSelection all) {
        return all.measured().markCold().effect().orElseThrow().before().residentBytes();
    }

    String table(String circumstances) {
        var table = new StringBuilder("| |");
        times.keySet().forEach(name -> table.append(' ').append(name).append(" |"));
        table.append(" mapped again by `prefetch()` |\n|---|")
                .append("---|".repeat(times.size() + 1))
                .append("\n| ")
                .append(ByteSize.format(bytes))
                .append(" |");
        times.values()
                .forEach(each -> table.append(' ')
                        .append(Elapsed.format(Measurement.median(
                                each.stream().mapToDouble(Long::doubleValue).toArray())))
                        .append(" |"));
        table.append(' ')
                .append(ByteSize.format(residentBytes))
                .append(" |\n\n")
                .append(circumstances);
        return table.append('\n').toString();
    }
}
