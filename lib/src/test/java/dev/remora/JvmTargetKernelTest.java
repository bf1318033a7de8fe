package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.addressspace.ByteSize;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.RequiresSwap;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real JVMs as targets: their heaps leave RAM, and what is in them does not change. */
@Tag("kernel")
@RequiresRightToAdvise
@RequiresSwap
final class JvmTargetKernelTest {

    /** Keeps arrays alive and tells their checksum whenever it is asked. */
    static final class Target {

        private Target() {}

        public static void main(String[] arguments) throws IOException {
            byte[][] live = new byte[48][];
            for (int i = 0; i < live.length; i++) {
                live[i] = new byte[(int) ByteSize.MiB];
                Arrays.fill(live[i], (byte) i);
            }
            var questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            do {
                System.out.println(Arrays.deepHashCode(live));
            } while (questions.readLine() != null);
        }
    }

    private static Process start(String collector) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+Use" + collector,
                        "-Xms96m",
                        "-Xmx128m",
                        "-cp",
                        "target/test-classes:target/classes",
                        Target.class.getName())
                .start();
    }

    private static long resident(RemoteMemory memory, MappingSelection selection) {
        return selection.matching().stream()
                .mapToLong(mapping ->
                        SmapsOfMapping.of(memory.pid(), mapping.range()).residentBytes())
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SerialGC", "ParallelGC", "G1GC", "ZGC"})
    void theHeapLeavesRamAndComesBackUnchanged(String collector) throws IOException {
        Process target = start(collector);
        try (var answers = target.inputReader();
                var questions = target.outputWriter();
                var memory = RemoteMemory.open(target.toHandle())) {
            String before = answers.readLine();
            MappingSelection heap = memory.mappings().javaHeap();
            long residentBefore = resident(memory, heap);
            assertThat(residentBefore).isGreaterThan(48 * ByteSize.MiB);
            AdviceOutcome outcome = heap.measured().pageOut();
            assertThat(outcome.complete()).as(outcome.toString()).isTrue();
            AdviceEffect effect = outcome.effect().orElseThrow();
            long residentAfter = resident(memory, heap);
            assertThat(residentAfter).isLessThan(residentBefore / 2);
            assertThat(effect.leftRamBytes())
                    .as(effect.toString())
                    .isCloseTo(residentBefore - residentAfter, within(8 * ByteSize.MiB));
            assertThat(effect.before().sharedMemoryBytes() > 0)
                    .as("only ZGC has its heap in shared memory")
                    .isEqualTo(collector.equals("ZGC"));
            assertThat(effect.swappedOutBytes()).isCloseTo(effect.leftRamBytes(), within(8 * ByteSize.MiB));
            questions.write("again\n");
            questions.flush();
            assertThat(answers.readLine()).isEqualTo(before);
        } finally {
            target.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SerialGC", "ParallelGC", "G1GC", "ZGC"})
    void aHeapGrowsNoMoreThanItMayByHugePages(String collector) throws IOException {
        Process target = start(collector);
        try (var answers = target.inputReader();
                var questions = target.outputWriter();
                var memory = RemoteMemory.open(target.toHandle())) {
            String before = answers.readLine();
            AdviceOutcome outcome = memory.mappings()
                    .javaHeap()
                    .collapseLimits(new CollapseLimits(25, 6 * ByteSize.MiB))
                    .collapse();
            AdviceEffect effect = outcome.effect().orElseThrow();
            assertThat(outcome.advisedBytes()).as(outcome.toString()).isPositive();
            assertThat(effect.growthBytes())
                    .as("%s; the JVM itself may touch a little meanwhile", outcome)
                    .isLessThanOrEqualTo(7 * ByteSize.MiB);
            assertThat(effect.after().hugeBytes()).isPositive();
            questions.write("again\n");
            questions.flush();
            assertThat(answers.readLine()).isEqualTo(before);
        } finally {
            target.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"G1GC", "ZGC"})
    void everythingItMapsCanBeAdvisedInOneGo(String collector) throws IOException {
        Process target = start(collector);
        try (var answers = target.inputReader();
                var questions = target.outputWriter();
                var memory = RemoteMemory.open(target.toHandle())) {
            String before = answers.readLine();
            AdviceOutcome outcome = memory.mappings().pageOut();
            assertThat(outcome.skipped())
                    .as("what the JVM gives back meanwhile is a hole")
                    .allMatch(part -> part.reason() == SkipReason.SPECIAL_MAPPING || part.reason() == SkipReason.HOLE);
            assertThat(outcome.requestedBytes()).isEqualTo(outcome.advisedBytes() + outcome.skippedBytes());
            questions.write("again\n");
            questions.flush();
            assertThat(answers.readLine()).isEqualTo(before);
        } finally {
            target.destroyForcibly();
        }
    }
}
