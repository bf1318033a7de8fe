import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.AdviceOutcome;
import dev.remora.PermissionDeniedException;
import dev.remora.RemoteMemory;
import dev.remora.Selection;
import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Starts a real child with a few hundred MiB of mapped memory, cools it, pages it out, and shows what left RAM. */
public final class Tour {

    private static final long FILE_BYTES = 128 * MiB;
    private static final long ANONYMOUS_BYTES = 192 * MiB;
    private static final long PAGE = 4096;

    private final SandboxedProcess child;
    private final RemoteMemory memory;
    private boolean denied;

    private Tour(SandboxedProcess child, RemoteMemory memory) {
        this.child = child;
        this.memory = memory;
    }

    public static void main(String[] arguments) throws IOException {
        long start = System.nanoTime();
        Path directory = Files.createDirectories(Path.of("target"));
        Path file = writeFile(directory.resolve("tour-file"));
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            new Tour(child, memory).run(file);
        } finally {
            Files.delete(file);
        }
        say("%nThe tour took %s.", seconds(System.nanoTime() - start));
    }

    /** Random content that has reached the disk: pages still to be written would not leave the page cache. */
    private static Path writeFile(Path file) throws IOException {
        byte[] block = new byte[(int) MiB];
        RandomGenerator random = RandomGenerator.getDefault();
        try (var channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (long written = 0; written < FILE_BYTES; written += block.length) {
                random.nextBytes(block);
                channel.write(ByteBuffer.wrap(block));
            }
            channel.force(true);
        }
        return file;
    }

    private void run(Path file) throws IOException {
        MemoryRange fileRange = child.mapFile(file);
        MemoryRange anonymous = child.map(ANONYMOUS_BYTES);
        child.read(fileRange);
        child.touch(anonymous);
        summarise(memory.addressSpace());
        coolDown(fileRange, anonymous);
        pageOutFile(file, fileRange);
        pageOutAnonymous(anonymous);
        vectorWithHole(anonymous);
        if (denied) {
            say("""

                The kernel did not let this user advise another process. As root, or with CAP_SYS_NICE, steps 2 to 5 \
                show what the advice did.\
                """);
        }
    }

    private void summarise(AddressSpace space) {
        title("1. What process %d maps", child.pid());
        say("%d mappings, %s of address space", space.size(), ByteSize.format(space.byteSize()));
        Map<String, Long> sizes = space.stream()
                .collect(Collectors.groupingBy(Tour::kind, TreeMap::new, Collectors.summingLong(Mapping::byteSize)));
        sizes.forEach((kind, bytes) -> say("  %-36s %10s", kind, ByteSize.format(bytes)));
    }

    private static String kind(Mapping mapping) {
        if (mapping.fileBacked()) {
            return mapping.shared() ? "files, shared" : "files, private (programs, libraries)";
        }
        if (!mapping.anonymous()) {
            return "provided by the kernel";
        }
        return mapping.protection().writable() ? "anonymous, writable" : "anonymous, reserved or read-only";
    }

    private void coolDown(MemoryRange file, MemoryRange anonymous) throws IOException {
        title("2. markCold: the kernel takes these pages first when it needs memory; nothing leaves RAM yet");
        Resident before = resident(file).plus(resident(anonymous));
        advise(memory.ranges(file, anonymous), Selection::markCold);
        say("  in RAM: %s before, %s after", before, resident(file).plus(resident(anonymous)));
    }

    private void pageOutFile(Path file, MemoryRange range) throws IOException {
        title("3. pageOut of a file mapping: its pages can be read again from the file");
        long cachedBefore = cachedBytes(file);
        Resident before = resident(range);
        advise(memory.mappings().fileBacked().named(file.toRealPath().toString()), Selection::pageOut);
        say("  in RAM: %s before, %s after", before, resident(range));
        say(
                "  in the page cache: %s before, %s after",
                ByteSize.format(cachedBefore), ByteSize.format(cachedBytes(file)));
    }

    private void pageOutAnonymous(MemoryRange range) throws IOException {
        title("4. pageOut of anonymous memory: it can only go to swap");
        Resident before = resident(range);
        advise(memory.mappings().anonymous().within(range), Selection::pageOut);
        Resident after = resident(range);
        say("  in RAM: %s before, %s after", before, after);
        if (!denied && freeSwapBytes() + after.swapped() == 0) {
            say("  This host has no swap: the kernel would have accepted the advice and kept every page.");
            say("  With swap, up to %s would have left RAM. To see it, as root:", before);
            say("    fallocate -l 512M /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile");
            return;
        }
        long start = System.nanoTime();
        child.read(range);
        say(
                "  touching all of it again took %s, and %s are in RAM",
                seconds(System.nanoTime() - start), resident(range));
    }

    private void vectorWithHole(MemoryRange range) {
        title("5. One call for three ranges, one of them with a hole and a locked page");
        MemoryRange holed = MemoryRange.of(range.address() + 8 * MiB, 8 * MiB);
        child.unmap(MemoryRange.of(holed.address() + 2 * MiB, MiB));
        child.lock(MemoryRange.of(holed.address() + 4 * MiB, PAGE));
        advise(
                memory.ranges(
                        MemoryRange.of(range.address(), 4 * MiB),
                        holed,
                        MemoryRange.of(range.address() + 32 * MiB, 4 * MiB)),
                Selection::markCold);
    }

    private void advise(Selection selection, Function<Selection, AdviceOutcome> verb) {
        long start = System.nanoTime();
        try {
            AdviceOutcome outcome = verb.apply(selection);
            long time = System.nanoTime() - start;
            say("%s", outcome.toString().indent(2).stripTrailing());
            say("  in %s", seconds(time));
        } catch (PermissionDeniedException refusal) {
            if (!denied) {
                say("  %s", refusal.getMessage());
            } else {
                say("  not permitted, as before");
            }
            denied = true;
        }
    }

    /** What {@code smaps} says of a range. */
    private record Resident(long bytes, long swapped) {

        Resident plus(Resident other) {
            return new Resident(bytes + other.bytes, swapped + other.swapped);
        }

        @Override
        public String toString() {
            return ByteSize.format(bytes) + (swapped == 0 ? "" : " (and " + ByteSize.format(swapped) + " in swap)");
        }
    }

    private Resident resident(MemoryRange range) throws IOException {
        Resident sum = new Resident(0, 0);
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(child.pid()), "smaps"))) {
            List<String> words = List.of(line.split(" +"));
            if (words.getFirst().contains("-")) {
                inside = range.contains(Long.parseUnsignedLong(words.getFirst().split("-")[0], 16));
            } else if (inside && words.getFirst().equals("Rss:")) {
                sum = sum.plus(new Resident(kilobytes(words), 0));
            } else if (inside && words.getFirst().equals("Swap:")) {
                sum = sum.plus(new Resident(0, kilobytes(words)));
            }
        }
        return sum;
    }

    private static long kilobytes(List<String> words) {
        return Long.parseLong(words.get(1)) * ByteSize.KiB;
    }

    /** How much of a file is in the page cache, asked page by page through a mapping of our own. */
    private static long cachedBytes(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ);
                var arena = Arena.ofConfined()) {
            var mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, FILE_BYTES, arena);
            long cached = 0;
            for (long offset = 0; offset < FILE_BYTES; offset += PAGE) {
                cached += mapped.asSlice(offset, PAGE).isLoaded() ? PAGE : 0;
            }
            return cached;
        }
    }

    private static long freeSwapBytes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("SwapFree:"))
                    .map(line -> List.of(line.split(" +")))
                    .mapToLong(Tour::kilobytes)
                    .sum();
        }
    }

    private static void title(String text, Object... values) {
        say("%n" + text, values);
    }

    private static void say(String text, Object... values) {
        System.out.println(String.format(Locale.ROOT, text, values));
    }

    private static String seconds(long nanoseconds) {
        return nanoseconds < 1_000_000_000
                ? String.format(Locale.ROOT, "%.1f ms", nanoseconds / 1e6)
                : String.format(Locale.ROOT, "%.1f s", nanoseconds / 1e9);
    }
}
