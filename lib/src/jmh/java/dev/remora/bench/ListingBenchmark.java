package dev.remora.bench;

import dev.remora.RemoteMemory;
import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What does it cost to know all that another process maps, and what is at one address? */
public class ListingBenchmark {

    @State(Scope.Thread)
    public static class Remora {
        private RemoteMemory memory;
        private long address;

        @Setup
        public void open() {
            Target.Place place = Target.Place.ofThisRun();
            memory = RemoteMemory.open(place.pid());
            address = place.address();
            if (memory.mappingAt(address).isEmpty()) {
                throw new IllegalStateException("Nothing is mapped where the target has its memory");
            }
        }

        @TearDown
        public void close() {
            memory.close();
        }
    }

    /** Reads as many a Java program does. */
    @State(Scope.Thread)
    public static class Lines {
        private static final Pattern LINE = Pattern.compile(
                "([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([sp]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) ([0-9]+) *(.*)");
        private Path maps;

        @Setup
        public void find() {
            maps = Path.of("/proc/" + Target.Place.ofThisRun().pid() + "/maps");
        }

        List<Mapping> read() throws IOException {
            try (Stream<String> lines = Files.lines(maps)) {
                return lines.map(Lines::mapping).toList();
            }
        }

        private static Mapping mapping(String line) {
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) {
                throw new IllegalStateException(line);
            }
            return new Mapping(
                    MemoryRange.between(hexadecimal(parts, 1), hexadecimal(parts, 2)),
                    new Protection(
                            parts.group(3).equals("r"),
                            parts.group(4).equals("w"),
                            parts.group(5).equals("x")),
                    parts.group(6).equals("s"),
                    hexadecimal(parts, 7),
                    (hexadecimal(parts, 8) << 32) | hexadecimal(parts, 9),
                    Long.parseUnsignedLong(parts.group(10)),
                    parts.group(11));
        }

        private static long hexadecimal(Matcher parts, int group) {
            return Long.parseUnsignedLong(parts.group(group), 16);
        }
    }

    @Benchmark
    public AddressSpace remora(Remora state) {
        return state.memory.addressSpace();
    }

    @Benchmark
    public List<Mapping> lines(Lines state) throws IOException {
        return state.read();
    }

    @Benchmark
    public Optional<Mapping> oneAddress(Remora state) {
        return state.memory.mappingAt(state.address);
    }
}
