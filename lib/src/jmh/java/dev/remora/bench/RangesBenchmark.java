package dev.remora.bench;

import dev.remora.AdviceOutcome;
import dev.remora.RangeSelection;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does it cost to mark ranges of another process cold? */
public class RangesBenchmark {

    @State(Scope.Thread)
    public static class Remora {
        @Param("1")
        public int count;

        private RemoteMemory memory;
        private RangeSelection selection;

        @Setup
        public void open() {
            Target.Place target = Target.Place.ofThisRun();
            memory = RemoteMemory.open(target.pid());
            selection = memory.ranges(target.ranges(count));
            if (!selection.markCold().complete()) {
                throw new IllegalStateException("The target was not advised: " + selection.markCold());
            }
        }

        @TearDown
        public void close() {
            memory.close();
        }
    }

    /** Ranges of a process, for a peer. */
    @State(Scope.Thread)
    public abstract static class PeerState {
        @Param("1")
        public int count;

        private final Peer peer;
        private long pidFd;
        private long[] addresses;
        private long[] byteSizes;

        PeerState(Peer peer) {
            this.peer = peer;
        }

        @Setup
        public void open() {
            Target.Place target = Target.Place.ofThisRun();
            List<MemoryRange> ranges = target.ranges(count);
            addresses = ranges.stream().mapToLong(MemoryRange::address).toArray();
            byteSizes = ranges.stream().mapToLong(MemoryRange::byteSize).toArray();
            pidFd = peer.openProcess(target.pid());
        }

        long markCold() {
            return peer.markCold(pidFd, addresses, byteSizes, count);
        }
    }

    @State(Scope.Thread)
    public static class Jna extends PeerState {
        public Jna() {
            super(new JnaPeer());
        }
    }

    @State(Scope.Thread)
    public static class Jnr extends PeerState {
        public Jnr() {
            super(new JnrPeer());
        }
    }

    @Benchmark
    public AdviceOutcome remora(Remora state) {
        return state.selection.markCold();
    }

    @Benchmark
    public long jna(Jna state) {
        return state.markCold();
    }

    @Benchmark
    public long jnr(Jnr state) {
        return state.markCold();
    }
}
