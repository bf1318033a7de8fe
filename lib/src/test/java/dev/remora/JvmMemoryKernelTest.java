package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.JvmMemory;
import dev.remora.addressspace.MappingKind;
import dev.remora.addressspace.MemoryRange;
import dev.remora.jvm.OtherJvm;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found of a JVM from outside is what it says of itself: {@code jcmd PID VM.native_memory detail}. */
@Tag("kernel")
final class JvmMemoryKernelTest {

    private static final Path TOOL = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    private static final Pattern RESERVED = Pattern.compile(
            "(?m)^\\[0x([0-9a-f]+) - 0x([0-9a-f]+)\\] reserved (?:and committed )?[0-9]+KB for ([A-Za-z ]+?)(?:"
                    + " from)?$");

    /** The regions of one kind that the JVM says it has reserved. */
    private static List<MemoryRange> reserved(String told, String kind) {
        List<MemoryRange> ranges = new ArrayList<>();
        RESERVED.matcher(told)
                .results()
                .filter(line -> line.group(3).equals(kind))
                .forEach(line -> ranges.add(MemoryRange.between(
                        Long.parseUnsignedLong(line.group(1), 16), Long.parseUnsignedLong(line.group(2), 16))));
        return ranges;
    }

    /** The end of one and the beginning of the next can look like a stack, so neighbours count as one. */
    private static List<MemoryRange> tables(String told) {
        List<MemoryRange> joined = new ArrayList<>();
        reserved(told, "GC").stream()
                .sorted(Comparator.comparingLong(MemoryRange::address))
                .forEach(table -> {
                    boolean continues = !joined.isEmpty() && joined.getLast().end() == table.address();
                    joined.add(
                            continues ? MemoryRange.between(joined.removeLast().address(), table.end()) : table);
                });
        return joined;
    }

    private static void requireTool() {
        Skip.unless(Files.isExecutable(TOOL), "this Java has no jcmd, by which a JVM could be asked");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-XX:+UseSerialGC",
                "-XX:+UseParallelGC",
                "-XX:+UseG1GC",
                "-XX:+UseG1GC -Xms118m",
                "-XX:+UseZGC",
                "-XX:-UseCompressedOops",
                "-XX:+UseTransparentHugePages"
            })
    void eachPartIsWhereTheJvmSaysItIs(String options) throws IOException, InterruptedException {
        requireTool();
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms96m", "-Xmx128m"));
        command.addAll(List.of(options.split(" ", -1)));
        command.addAll(List.of(
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "-XX:-UseDynamicNumberOfGCThreads",
                "-XX:NativeMemoryTracking=detail",
                "-cp",
                "target/test-classes:target/classes",
                JvmTargetKernelTest.Target.class.getName()));
        Process target = new ProcessBuilder(command).start();
        try (var answers = target.inputReader();
                var memory = RemoteMemory.open(target.toHandle())) {
            assertThat(answers.readLine()).isNotNull();
            compare(memory, options);
        } finally {
            target.destroyForcibly().waitFor();
        }
    }

    private static void compare(RemoteMemory memory, String options) throws IOException, InterruptedException {
        String told = OtherJvm.run(List.of(TOOL.toString(), Long.toString(memory.pid()), "VM.native_memory", "detail"));
        JvmMemory found = memory.jvm().orElseThrow();
        AddressSpace heap = memory.mappings().javaHeap().matching();
        List<MemoryRange> regions = reserved(told, "Java Heap");
        assertThat(regions).as(told).isNotEmpty();
        if (options.contains("ZGC")) {
            assertWithin(found.heap(), regions, told);
            assertThat(heap.stream()).allMatch(mapping -> mapping.kind() == MappingKind.MEMFD && mapping.shared());
        } else if (options.contains("-UseCompressedOops")) {
            assertWithin(regions, found.heap(), told);
            assertThat(found.heap())
                    .singleElement()
                    .satisfies(range -> assertThat(range.byteSize())
                            .as("memory of the collector may be joined with it")
                            .isLessThanOrEqualTo(regions.getFirst().byteSize() + 64 * ByteSize.MiB));
        } else {
            assertThat(found.heap()).as(told).isEqualTo(regions);
        }
        assertThat(heap.byteSize())
                .as("at least what the target keeps alive")
                .isGreaterThanOrEqualTo(48 * ByteSize.MiB);
        assertThat(heap.stream()).allMatch(mapping -> mapping.protection().writable());
        assertWithin(found.codeCache(), reserved(told, "Code"), told);
        List<MemoryRange> classes = new ArrayList<>(reserved(told, "Metaspace"));
        classes.addAll(reserved(told, "Class"));
        assertWithin(found.metaspace(), classes, told);
        List<MemoryRange> stacks = reserved(told, "Thread Stack");
        List<MemoryRange> stacksAndTables = new ArrayList<>(stacks);
        stacksAndTables.addAll(tables(told));
        assertWithin(found.threadStacks(), stacksAndTables, told);
        assertThat(found.threadStacks().stream().filter(range -> stacks.stream().anyMatch(range::overlaps)))
                .as("most of %d stacks: %s", stacks.size(), found)
                .hasSizeBetween(stacks.size() * 3 / 4, stacks.size());
    }

    private static void assertWithin(List<MemoryRange> found, List<MemoryRange> told, String all) {
        assertThat(found).isNotEmpty();
        for (MemoryRange range : found) {
            assertThat(told).as("%s in%n%s", range, all).anyMatch(region -> region.contains(range));
        }
    }

    @Test
    void aProcessThatIsNoJvmHasNoJavaHeap() throws IOException {
        Process process = new ProcessBuilder("cat").start();
        try (var memory = RemoteMemory.open(process.toHandle())) {
            Await.until(() -> Proc.sleeps(process.pid(), "cat"));
            assertThat(memory.jvm()).isEmpty();
            assertThat(memory.mappings().javaHeap().matching()).isEmpty();
            assertThat(memory.mappings().threadStacks().matching()).isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void partsAreSelectedWithOtherConditions() {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            MappingSelection code = memory.mappings().codeCache();
            assertThat(code).hasToString("mappings: code cache of process " + child.pid());
            assertThat(code.matching().stream())
                    .isNotEmpty()
                    .allMatch(mapping -> mapping.protection().executable());
            MemoryRange first = code.matching().mappings().getFirst().range();
            assertThat(code.within(first).matching().stream())
                    .singleElement()
                    .matches(mapping -> first.contains(mapping.range()));
            assertThat(code.fileBacked().matching()).isEmpty();
            assertThat(memory.mappings().metaspace().matching()).isNotEmpty();
        }
    }
}
