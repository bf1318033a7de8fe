package dev.remora.bench;

import dev.remora.AdviceOutcome;
import dev.remora.MappingSelection;
import dev.remora.RemoteMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does it cost to read what another process maps, and to mark its anonymous memory cold? */
public class MappingsBenchmark {

    @State(Scope.Thread)
    public static class Remora {
        private RemoteMemory memory;
        private MappingSelection selection;

        @Setup
        public void open() {
            memory = RemoteMemory.open(Target.Place.ofThisRun().pid());
            selection = memory.mappings().anonymous();
            if (!selection.markCold().complete()) {
                throw new IllegalStateException("The target was not advised: " + selection.markCold());
            }
        }

        @TearDown
        public void close() {
            memory.close();
        }
    }

    /** Reads lines as Java programs do, and advises by a peer. */
    @State(Scope.Thread)
    public abstract static class PeerState {
        private final Peer peer;
        private Path maps;
        private long pidFd;
        private long[] addresses = new long[1024];
        private long[] byteSizes = new long[1024];

        PeerState(Peer peer) {
            this.peer = peer;
        }

        @Setup
        public void open() {
            long pid = Target.Place.ofThisRun().pid();
            maps = Path.of("/proc/" + pid + "/maps");
            pidFd = peer.openProcess(pid);
        }

        long markCold() throws IOException {
            int count = 0;
            try (BufferedReader lines = Files.newBufferedReader(maps, StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] words = line.split(" +", 6);
                    String name = words.length > 5 ? words[5] : "";
                    boolean anonymous = words[3].equals("00:00") && words[4].equals("0") && words[1].endsWith("p");
                    if (anonymous && !name.startsWith("[v")) {
                        if (count == addresses.length) {
                            addresses = Arrays.copyOf(addresses, 2 * count);
                            byteSizes = Arrays.copyOf(byteSizes, 2 * count);
                        }
                        int dash = words[0].indexOf('-');
                        addresses[count] = Long.parseUnsignedLong(words[0], 0, dash, 16);
                        long end = Long.parseUnsignedLong(words[0], dash + 1, words[0].length(), 16);
                        byteSizes[count] = end - addresses[count];
                        count++;
                    }
                }
            }
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
    public long jna(Jna state) throws IOException {
        return state.markCold();
    }

    @Benchmark
    public long jnr(Jnr state) throws IOException {
        return state.markCold();
    }
}
