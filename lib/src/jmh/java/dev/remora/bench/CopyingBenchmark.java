package dev.remora.bench;

import dev.remora.CopyOutcome;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does it cost to copy memory of another process to native memory, and back? */
public class CopyingBenchmark {

    @State(Scope.Thread)
    public static class Remora {
        private RemoteMemory memory;
        private Arena arena;
        private MemorySegment segment;
        private MemoryRange range;

        @Setup
        public void open() {
            Target.Place target = Target.Place.ofThisRun();
            memory = RemoteMemory.open(target.pid());
            range = target.range(0);
            arena = Arena.ofConfined();
            segment = arena.allocate(range.byteSize(), 4096);
            if (!memory.read(range, segment).complete()) {
                throw new IllegalStateException("The target was not read");
            }
        }

        @TearDown
        public void close() {
            arena.close();
            memory.close();
        }
    }

    @Benchmark
    public CopyOutcome read(Remora state) {
        return state.memory.read(state.range, state.segment);
    }

    @Benchmark
    public CopyOutcome write(Remora state) {
        return state.memory.write(state.range.address(), state.segment);
    }
}
