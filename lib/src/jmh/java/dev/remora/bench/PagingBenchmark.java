package dev.remora.bench;

import dev.remora.AdviceOutcome;
import dev.remora.RangeSelection;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        private RangeSelection selection;

        @Setup
        public void start() throws IOException {
            target = Target.start(Path.of(program), 1, bytes);
            memory = RemoteMemory.open(target.place().pid());
            selection = memory.ranges(MemoryRange.of(target.place().address(), bytes));
        }

        @Setup(Level.Invocation)
        public void touch() throws IOException {
            target.touch();
        }

        AdviceOutcome pageOut() {
            return selection.inParallel(threads).pageOut();
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
    public AdviceOutcome remora(Remora state) {
        return state.pageOut();
    }
}
