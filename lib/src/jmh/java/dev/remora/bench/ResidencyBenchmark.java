package dev.remora.bench;

import dev.remora.RangeSelection;
import dev.remora.RemoteMemory;
import dev.remora.Residency;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does it cost to find out in which state the pages of another process are? */
public class ResidencyBenchmark {

    @State(Scope.Thread)
    public static class Remora {
        private RemoteMemory memory;
        private RangeSelection selection;

        @Setup
        public void open() {
            Target.Place target = Target.Place.ofThisRun();
            memory = RemoteMemory.open(target.pid());
            selection = memory.ranges(target.range(0));
            if (selection.residency().presentBytes() != target.rangeSize()) {
                throw new IllegalStateException("Pages of the target are missing: " + selection.residency());
            }
        }

        @TearDown
        public void close() {
            memory.close();
        }
    }

    @Benchmark
    public Residency remora(Remora state) {
        return state.selection.residency();
    }
}
