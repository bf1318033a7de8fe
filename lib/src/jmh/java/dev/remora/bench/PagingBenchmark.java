package dev.remora.bench;

import dev.remora.AdviceOutcome;
import dev.remora.RangeSelection;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** How long does it take to page out much memory of another process? */
public class PagingBenchmark {

    @State(Scope.Thread)
    public static class Remora {
        @Param("")
        public String program;

        @Param("0")
        public long bytes;

        @Param("1")
        public int threads;

        private Target target;
        private RemoteMemory memory;
        private List<RangeSelection> parts;

        @Setup
        public void start() throws IOException {
            target = Target.start(Path.of(program), 1, bytes);
            memory = RemoteMemory.open(target.place().pid());
            parts = IntStream.range(0, threads).mapToObj(this::part).toList();
        }

        private RangeSelection part(int index) {
            long size = bytes / threads & -memory.pageSize();
            long address = target.place().address();
            long end = index == threads - 1 ? address + bytes : address + (index + 1) * size;
            return memory.ranges(MemoryRange.between(address + index * size, end));
        }

        @Setup(Level.Invocation)
        public void touch() throws IOException {
            target.touch();
        }

        /** The one place to change once a selection can be paged out by several threads itself. */
        List<AdviceOutcome> pageOut() {
            List<CompletableFuture<AdviceOutcome>> others = parts.stream()
                    .skip(1)
                    .map(part -> CompletableFuture.supplyAsync(part::pageOut, Thread.ofPlatform()::start))
                    .toList();
            AdviceOutcome first = parts.getFirst().pageOut();
            return Stream.concat(Stream.of(first), others.stream().map(CompletableFuture::join))
                    .toList();
        }

        @TearDown(Level.Invocation)
        public void check() throws IOException {
            String swapped = Files.readAllLines(Path.of("/proc/" + memory.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmSwap:"))
                    .findFirst()
                    .orElseThrow();
            long kilobytes = Long.parseLong(swapped.replaceAll("\\D", ""));
            if (kilobytes * 1024 < bytes / 100 * 95) {
                throw new IllegalStateException("The memory is not in swap: " + swapped);
            }
        }

        @TearDown
        public void end() throws IOException {
            memory.close();
            target.close();
        }
    }

    @Benchmark
    public List<AdviceOutcome> remora(Remora state) {
        return state.pageOut();
    }
}
