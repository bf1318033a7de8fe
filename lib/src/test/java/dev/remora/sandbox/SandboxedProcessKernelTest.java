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
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
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
        long best = LongStream.range(0, 5)
                .map(any -> {
                    long start = System.nanoTime();
                    SandboxedProcess.start().close();
                    return System.nanoTime() - start;
                })
                .min()
                .orElseThrow();
        assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofSeconds(1));
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
        assertThat(shared.byteSize()).isEqualTo(Child.PAGE_SIZE);
        assertThat(mapping(child.mapMemfd("java_heap", MiB)).name()).isEqualTo("/memfd:java_heap (deleted)");
        Mapping mappedFile = mapping(child.mapFile(file));
        assertThat(mappedFile.name()).endsWith("ein Name\\012mit Umbruch");
        assertThat(mappedFile.inode()).isPositive();
    }

    @Test
    void neighboursAreNotMerged() {
        MemoryRange first = child.map(Child.PAGE_SIZE);
        MemoryRange second = child.map(Child.PAGE_SIZE);
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
        assertErrno(Linux.EFAULT(), () -> child.read(range));
    }

    @Test
    void aRefusalOfTheKernelIsReportedAndTheChildLivesOn() {
        assertErrno(Linux.ENOMEM(), () -> child.map(100 * GiB));
        assertErrno(Linux.EINVAL(), () -> child.unmap(MemoryRange.of(1, 1)));
        child.touch(child.map(MiB));
    }

    @Test
    void badInputIsRefusedHere(@TempDir Path directory) throws IOException {
        assertThatIllegalArgumentException().isThrownBy(() -> child.map(0));
        assertThatIllegalArgumentException().isThrownBy(() -> child.map(-1));
        Path empty = Files.createFile(directory.resolve("empty"));
        assertThatIllegalArgumentException().isThrownBy(() -> child.mapFile(empty));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SandboxedProcess.start(MiB).close());
        assertThatIllegalArgumentException().isThrownBy(() -> child.answerWithin(Duration.ZERO));
    }

    @Test
    void isConfined() throws IOException {
        String status = Files.readString(Path.of("/proc/" + child.pid() + "/status"));
        assertThat(status).containsPattern("NoNewPrivs:\\s+1").containsPattern("Seccomp:\\s+2");
        String limits = Files.readString(Path.of("/proc/" + child.pid() + "/limits"));
        assertThat(limits)
                .containsPattern("Max address space +68719476736 +68719476736 ")
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

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(child.pid()))
                .start()
                .waitFor();
    }

    @Test
    void servesManyThreads() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 50).forEach(any -> threads.execute(() -> child.touch(child.map(Child.PAGE_SIZE))));
        }
        child.touch(child.map(Child.PAGE_SIZE));
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
        String classPath = String.join(
                File.pathSeparator, List.of("target/test-classes", "target/classes", "../bindings/target/classes"));
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        Parent.class.getName())
                .start();
        ProcessHandle orphan;
        try (var output = parent.inputReader()) {
            orphan = ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
            new ProcessBuilder("kill", "-" + signal, Long.toString(orphan.pid()))
                    .start()
                    .waitFor();
        } finally {
            parent.destroyForcibly().waitFor();
        }
        assertThat(orphan.onExit().orTimeout(10, TimeUnit.SECONDS)).succeedsWithin(Duration.ofSeconds(10));
    }
}
