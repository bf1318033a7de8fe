package dev.remora.sandbox;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.RemoteMemory;
import dev.remora.SyscallFailedException;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.bindings.Linux;
import dev.remora.jvm.OtherJvm;
import dev.remora.preconditions.Skip;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The child on a real kernel: it obeys, it is confined, and it never outlives its parent. */
@Tag("kernel")
final class SandboxedProcessKernelTest {

    private static final long PAGE = PageSize.of(LinuxKernel.instance());

    private SandboxedProcess child;

    @BeforeEach
    void start() {
        child = SandboxedProcess.start();
    }

    @AfterEach
    void stop() {
        child.close();
        assertThat(child.handle().isAlive()).isFalse();
    }

    private Mapping mapping(MemoryRange range) {
        try (var memory = RemoteMemory.open(child.handle())) {
            return memory.mappings().within(range).matching().mappings().getFirst();
        }
    }

    private static void assertErrno(int errno, Runnable action) {
        assertThatThrownBy(action::run)
                .asInstanceOf(InstanceOfAssertFactories.type(SyscallFailedException.class))
                .satisfies(failure -> assertThat(failure.errno()).isEqualTo(errno));
    }

    @Test
    void isUpInWellUnderASecond() {
        assertThat(IntStream.range(0, 20).anyMatch(_ -> {
                    long start = System.nanoTime();
                    SandboxedProcess.start().close();
                    return System.nanoTime() - start < TimeUnit.SECONDS.toNanos(1);
                }))
                .as("once in twenty times, for this machine may be busy")
                .isTrue();
    }

    @Test
    void mapsWhatItIsTold(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("ein Name\nmit Umbruch"), new byte[10_000]);
        Mapping anonymous = mapping(child.map(3 * MiB));
        assertThat(anonymous.anonymous()).isTrue();
        assertThat(anonymous.byteSize()).isEqualTo(3 * MiB);
        assertThat(anonymous.address() % (2 * MiB)).isZero();
        assertThat(anonymous.protection()).isEqualTo(Protection.READ_WRITE);
        Mapping shared = mapping(child.mapShared(1));
        assertThat(shared.shared()).isTrue();
        assertThat(shared.byteSize()).isEqualTo(PAGE);
        assertThat(mapping(child.mapMemfd("java_heap", MiB)).name()).isEqualTo("/memfd:java_heap (deleted)");
        Mapping mappedFile = mapping(child.mapFile(file));
        assertThat(mappedFile.name()).endsWith("ein Name\\012mit Umbruch");
        assertThat(mappedFile.inode()).isPositive();
    }

    @Test
    void neighboursAreNotMerged() {
        MemoryRange first = child.map(PAGE);
        MemoryRange second = child.map(PAGE);
        try (var memory = RemoteMemory.open(child.handle())) {
            assertThat(memory.addressSpace().stream().map(Mapping::range)).contains(first, second);
        }
    }

    @Test
    void touchesProtectsAndUnmaps() {
        MemoryRange range = child.map(4 * MiB);
        child.touch(range);
        child.protect(range, Protection.READ);
        assertThat(mapping(range).protection()).isEqualTo(Protection.READ);
        child.read(range);
        assertErrno(Linux.EFAULT(), () -> child.touch(range));
        child.unmap(range);
        assertThatIllegalArgumentException().isThrownBy(() -> child.read(range));
    }

    @Test
    void aRefusalOfTheKernelIsReportedAndTheChildLivesOn() {
        assertErrno(Linux.ENOMEM(), () -> child.map(100 * GiB));
        child.touch(child.map(MiB));
    }

    @Test
    void badInputIsRefusedHere(@TempDir Path directory) throws IOException {
        assertThatIllegalArgumentException().isThrownBy(() -> child.map(0));
        assertThatIllegalArgumentException().isThrownBy(() -> child.map(-1));
        Path empty = Files.createFile(directory.resolve("empty"));
        assertThatIllegalArgumentException().isThrownBy(() -> child.mapFile(empty));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxedProcess.start(0).close());
        assertThatIllegalArgumentException().isThrownBy(() -> child.map(Long.MAX_VALUE - 8191));
        assertThatIllegalArgumentException().isThrownBy(() -> child.mapMemfd("x".repeat(250), PAGE));
        assertThatIllegalArgumentException().isThrownBy(() -> child.mapMemfd("a\0b", PAGE));
        assertThatIllegalArgumentException().isThrownBy(() -> child.mapHugetlb(MiB + PAGE));
        assertThatIllegalArgumentException().isThrownBy(() -> child.answerWithin(Duration.ZERO));
    }

    @Test
    void noCommandReachesTheMemoryOfItsJvm() {
        MemoryRange ofTheJvm;
        try (var memory = RemoteMemory.open(child.handle())) {
            ofTheJvm = memory.mappings()
                    .named("[heap]")
                    .matching()
                    .mappings()
                    .getFirst()
                    .range();
        }
        MemoryRange own = child.map(4 * PAGE);
        child.unmap(MemoryRange.of(own.address() + PAGE, PAGE));
        for (MemoryRange range : List.of(ofTheJvm, own, MemoryRange.of(own.end(), PAGE), MemoryRange.of(PAGE, PAGE))) {
            assertThatIllegalArgumentException().isThrownBy(() -> child.touch(range));
            assertThatIllegalArgumentException().isThrownBy(() -> child.read(range));
            assertThatIllegalArgumentException().isThrownBy(() -> child.unmap(range));
            assertThatIllegalArgumentException().isThrownBy(() -> child.lock(range));
            assertThatIllegalArgumentException().isThrownBy(() -> child.protect(range, Protection.NONE));
        }
        child.touch(MemoryRange.of(own.address() + 2 * PAGE, 2 * PAGE));
    }

    @Test
    void mappingAndUnmappingLeavesNothingBehind() {
        int before = mappings();
        for (int i = 0; i < 300; i++) {
            MemoryRange range = child.map(3 * PAGE);
            child.unmap(MemoryRange.of(range.address() + PAGE, PAGE));
            child.unmap(MemoryRange.of(range.address(), PAGE));
            child.unmap(MemoryRange.of(range.address() + 2 * PAGE, PAGE));
        }
        assertThat(mappings()).isLessThan(before + 100);
    }

    @Test
    void aMappingInTheHoleOfAnotherLeavesNothingBehindEither() {
        MemoryRange outer = child.map(512 * MiB);
        child.unmap(MemoryRange.of(outer.address() + 64 * MiB, 384 * MiB));
        MemoryRange inner = child.map(300 * MiB);
        assertThat(outer.contains(inner)).isTrue();
        child.unmap(MemoryRange.of(outer.end() - 64 * MiB, 64 * MiB));
        child.unmap(MemoryRange.of(outer.address(), 64 * MiB));
        child.touch(MemoryRange.of(inner.address(), MiB));
        child.unmap(inner);
        try (var memory = RemoteMemory.open(child.handle())) {
            assertThat(memory.mappings().within(outer).matching()).isEmpty();
        }
    }

    @Test
    void aMappingWithoutAccessIsNotMergedWithItsNeighbours() {
        MemoryRange range = child.map(4 * PAGE);
        child.protect(range, Protection.NONE);
        try (var memory = RemoteMemory.open(child.handle())) {
            assertThat(memory.addressSpace().stream().map(Mapping::range)).contains(range);
        }
    }

    @Test
    void theKernelsLimitOnMappingsIsARefusalAndTheChildLivesOn() throws IOException {
        long limit = Long.parseLong(
                Files.readString(Path.of("/proc/sys/vm/max_map_count")).strip());
        Skip.unless(limit < 200_000, "the heap of the child is too small for " + limit + " mappings");
        assertErrno(Linux.ENOMEM(), () -> {
            while (true) {
                child.map(PAGE);
            }
        });
        assertThat(mappings()).isGreaterThan(20_000);
        child.touch(MemoryRange.of(anyOwnMapping().address(), PAGE));
    }

    private MemoryRange anyOwnMapping() {
        try (var memory = RemoteMemory.open(child.handle())) {
            return memory
                    .mappings()
                    .anonymous()
                    .writable()
                    .where(mapping -> mapping.byteSize() == PAGE)
                    .matching()
                    .stream()
                    .map(Mapping::range)
                    .skip(10_000)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void whatAChildPrintsDoesNotStopIt() throws IOException, InterruptedException {
        for (int i = 0; i < 40; i++) {
            signal("QUIT");
        }
        child.answerWithin(Duration.ofSeconds(20));
        child.touch(child.map(PAGE));
    }

    private int mappings() {
        try (var memory = RemoteMemory.open(child.handle())) {
            return memory.addressSpace().size();
        }
    }

    @Test
    void aChildWithTheLeastAddressSpaceStartsAndMapsLittle() {
        try (var small = SandboxedProcess.start(1)) {
            MemoryRange only = small.map(1);
            small.touch(only);
            assertErrno(Linux.ENOMEM(), () -> small.map(1));
            small.unmap(only);
            small.touch(small.mapMemfd("one page", 1));
        }
    }

    @Test
    void namesBeyondAsciiReachTheChild(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("täst 🐟"), new byte[10]);
        assertThat(mapping(child.mapFile(file)).name()).endsWith("täst 🐟");
    }

    @Test
    void isConfined() throws IOException {
        String status = Files.readString(Path.of("/proc/" + child.pid() + "/status"));
        assertThat(status).containsPattern("NoNewPrivs:\\s+1").containsPattern("Seccomp:\\s+2");
        String limits = Files.readString(Path.of("/proc/" + child.pid() + "/limits"));
        assertThat(limits)
                .containsPattern("Max address space +7[0-9]{10} +7[0-9]{10} ")
                .containsPattern("Max core file size +0 +0 ")
                .containsPattern("Max open files +256 +256 ");
    }

    @Test
    void allItsThreadsAreConfined() throws IOException {
        try (var threads = Files.list(Path.of("/proc/" + child.pid() + "/task"))) {
            assertThat(threads.map(thread -> thread.resolve("status")))
                    .isNotEmpty()
                    .allSatisfy(status -> assertThat(Files.readString(status)).containsPattern("Seccomp:\\s+2"));
        }
    }

    @Test
    void aChildThatDoesNotAnswerIsKilled() throws IOException, InterruptedException {
        child.answerWithin(Duration.ofMillis(300));
        signal("STOP");
        assertThatThrownBy(() -> child.map(MiB))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("did not answer within PT0.3S");
        assertThat(child.handle().isAlive()).isFalse();
    }

    @Test
    void aChildThatHasEndedSaysSo() {
        child.handle().destroyForcibly();
        assertThatThrownBy(() -> child.map(MiB))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended")
                .hasMessageContaining("137");
        child.close();
    }

    @Test
    void aChildThatFailsSaysWhatItPrinted() {
        assertThatThrownBy(() -> Child.start(Long.MAX_VALUE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended")
                .hasMessageContaining("ArithmeticException");
    }

    @Test
    void deadlinesOfCommandsThatWereAnsweredAreForgotten() {
        MemoryRange range = child.map(PAGE);
        for (int i = 0; i < 1000; i++) {
            child.read(range);
        }
        assertThat(Child.pendingDeadlines()).isLessThan(10);
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(child.pid()))
                .start()
                .waitFor();
    }

    @Test
    void servesManyThreads() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 50).forEach(any -> threads.execute(() -> child.touch(child.map(PAGE))));
        }
        child.touch(child.map(PAGE));
    }

    @Test
    void outlivesTheThreadThatStartedIt() throws InterruptedException {
        SandboxedProcess[] started = new SandboxedProcess[1];
        Thread starter = Thread.ofPlatform().start(() -> started[0] = SandboxedProcess.start());
        starter.join();
        try (var other = started[0]) {
            TimeUnit.MILLISECONDS.sleep(200);
            other.touch(other.map(MiB));
        }
    }

    /** What the other JVM runs: it starts a child, tells its number, and waits to be killed. */
    static final class Parent {

        private Parent() {}

        public static void main(String[] arguments) throws InterruptedException {
            System.out.println(SandboxedProcess.start().pid());
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONT", "STOP"})
    void diesWithAParentThatIsKilledEvenWhenItIsStopped(String signal) throws IOException, InterruptedException {
        Process parent = new ProcessBuilder(OtherJvm.line(Parent.class)).start();
        try (var output = parent.inputReader();
                var orphan = RemoteMemory.open(Long.parseLong(output.readLine()))) {
            new ProcessBuilder("kill", "-" + signal, Long.toString(orphan.pid()))
                    .start()
                    .waitFor();
            parent.destroyForcibly().waitFor();
            assertThat(orphan.awaitExit(Duration.ofMinutes(1))).isPresent();
        } finally {
            parent.destroyForcibly();
        }
    }
}
