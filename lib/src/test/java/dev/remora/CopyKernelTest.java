package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.process.HeldNumber;
import dev.remora.process.PinnedProcess;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.syscall.LinuxKernel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copying from and to real processes, compared with what {@code /proc/PID/mem} shows. */
@Tag("kernel")
final class CopyKernelTest {

    private SandboxedProcess child;
    private RemoteMemory memory;
    private long page;

    @BeforeEach
    void start() {
        child = SandboxedProcess.start();
        memory = RemoteMemory.open(child.handle());
        page = memory.pageSize();
    }

    @AfterEach
    void stop() {
        memory.close();
        child.close();
    }

    private static byte[] random(int byteSize) {
        byte[] bytes = new byte[byteSize];
        new Random(byteSize).nextBytes(bytes);
        return bytes;
    }

    private static byte[] seenBy(long pid, MemoryRange range) throws IOException {
        try (var file = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            byte[] bytes = new byte[(int) range.byteSize()];
            file.seek(range.address());
            file.readFully(bytes);
            return bytes;
        }
    }

    private MemoryRange slice(MemoryRange range, long firstPage, long pages) {
        return MemoryRange.of(range.address() + firstPage * page, pages * page);
    }

    @Test
    void readsWhatIsThere() throws IOException {
        MemoryRange range = child.map(3 * MiB);
        child.touch(range);
        MemoryRange odd = MemoryRange.of(range.address() + 12_345, 2 * MiB + 7);
        byte[] bytes = memory.read(odd);
        assertThat(bytes).isEqualTo(seenBy(child.pid(), odd));
        assertThat(bytes).as("pages that the child filled").isNotEqualTo(new byte[bytes.length]);
    }

    @Test
    void writesWhatIsGiven() throws IOException {
        MemoryRange range = child.map(4 * MiB);
        MemoryRange odd = MemoryRange.of(range.address() + 4321, 3 * MiB + 1);
        byte[] bytes = random((int) odd.byteSize());
        memory.write(odd.address(), bytes);
        assertThat(seenBy(child.pid(), odd)).isEqualTo(bytes);
        assertThat(memory.read(MemoryRange.of(range.address(), 4321))).containsOnly(0);
    }

    @Test
    void nativeMemoryIsCopiedDirectly() {
        MemoryRange range = child.map(8 * MiB);
        byte[] bytes = random((int) (8 * MiB));
        try (Arena arena = Arena.ofShared()) {
            MemorySegment segment = arena.allocate(range.byteSize()).copyFrom(MemorySegment.ofArray(bytes));
            assertThat(memory.write(range.address(), segment)).isEqualTo(new CopyOutcome.Complete(8 * MiB));
            segment.fill((byte) 0);
            assertThat(memory.read(range, segment)).isEqualTo(new CopyOutcome.Complete(8 * MiB));
            assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
        }
    }

    @Test
    void thousandsOfRangesAreCopiedAtOnce() {
        MemoryRange range = child.map(3000 * page);
        List<MemoryRange> ranges = new ArrayList<>();
        for (int i = 2999; i >= 0; i--) {
            ranges.add(MemoryRange.of(range.address() + i * page + 17, 5));
        }
        byte[] bytes = random(15_000);
        assertThat(memory.write(ranges, MemorySegment.ofArray(bytes)).complete())
                .isTrue();
        byte[] back = new byte[15_000];
        assertThat(memory.read(ranges, MemorySegment.ofArray(back)).complete()).isTrue();
        assertThat(back).isEqualTo(bytes);
        assertThat(memory.read(ranges.getLast()))
                .containsExactly(bytes[14_995], bytes[14_996], bytes[14_997], bytes[14_998], bytes[14_999]);
    }

    @Test
    void whatCannotBeReadIsNamedAndTheRestIsRead() {
        MemoryRange range = child.map(16 * page);
        child.touch(range);
        child.unmap(slice(range, 4, 2));
        child.protect(slice(range, 8, 3), Protection.NONE);
        byte[] bytes = new byte[(int) range.byteSize()];
        CopyOutcome outcome = memory.read(range, MemorySegment.ofArray(bytes));
        assertThat(outcome.uncopied())
                .containsExactly(
                        new UncopiedRange(slice(range, 4, 2), CopyObstacle.HOLE),
                        new UncopiedRange(slice(range, 8, 3), CopyObstacle.NOT_READABLE));
        assertThat(outcome.copiedBytes()).isEqualTo(11 * page);
        assertThat(bytes[(int) (11 * page) + 1]).isNotZero();
        assertThat(bytes[(int) (8 * page)]).isZero();
    }

    @Test
    void whatTheProcessMayNotWriteIsNotWritten() {
        MemoryRange range = child.map(4 * page);
        child.touch(range);
        byte[] before = memory.read(range);
        child.protect(slice(range, 1, 2), Protection.READ);
        byte[] bytes = random((int) range.byteSize());
        CopyOutcome outcome = memory.write(range.address(), MemorySegment.ofArray(bytes));
        assertThat(outcome.uncopied())
                .containsExactly(new UncopiedRange(slice(range, 1, 2), CopyObstacle.NOT_WRITABLE));
        byte[] after = memory.read(range);
        for (int i = 0; i < after.length; i++) {
            boolean kept = i / page == 1 || i / page == 2;
            assertThat(after[i]).isEqualTo(kept ? before[i] : bytes[i]);
        }
    }

    @Test
    void pagesBehindTheEndOfTheirFileAreUnreachable(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("file");
        Files.write(file, random((int) (4 * page)));
        file.toFile().setReadable(true, false);
        folder.toFile().setExecutable(true, false);
        MemoryRange range = child.mapFile(file);
        try (var shrinking = new RandomAccessFile(file.toFile(), "rw")) {
            shrinking.setLength(page);
        }
        byte[] bytes = new byte[(int) range.byteSize()];
        assertThat(memory.read(range, MemorySegment.ofArray(bytes)).uncopied())
                .containsExactly(new UncopiedRange(slice(range, 1, 3), CopyObstacle.UNREACHABLE));
    }

    @Test
    void whatIsMissingHereIsNotBlamedOnTheProcess(@TempDir Path folder) throws IOException {
        MemoryRange range = child.map(2 * page);
        try (Arena arena = Arena.ofConfined();
                var file = FileChannel.open(
                        folder.resolve("target"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment here = file.map(FileChannel.MapMode.READ_WRITE, 0, 2 * page, arena);
            file.truncate(page);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.read(range, here))
                    .withMessageContaining("is not there from byte " + page);
            assertThatIllegalArgumentException().isThrownBy(() -> memory.write(range.address(), here));
        }
    }

    @Test
    void rangesBehindAHoleAreRead() {
        MemoryRange range = child.map(64 * page);
        child.touch(range);
        long below = memory.addressSpace().stream()
                .map(Mapping::range)
                .filter(each -> each.end() < range.address() - page)
                .mapToLong(MemoryRange::end)
                .max()
                .orElseThrow();
        MemoryRange hole = MemoryRange.between(below, below + page);
        byte[] two = new byte[2];
        CopyOutcome outcome = memory.read(
                List.of(MemoryRange.of(hole.address(), 1), MemoryRange.of(range.address(), 1)),
                MemorySegment.ofArray(two));
        assertThat(outcome.uncopied()).extracting(UncopiedRange::obstacle).containsExactly(CopyObstacle.HOLE);
        assertThat(two[1]).isEqualTo(memory.read(MemoryRange.of(range.address(), 1))[0]);
    }

    @Test
    void nothingStaysTraced() throws IOException {
        MemoryRange range = child.map(page);
        for (int i = 0; i < 20; i++) {
            memory.write(range.address(), new byte[] {(byte) i});
        }
        awaitUntraced(child.pid());
        child.touch(range);
    }

    private static void awaitUntraced(long pid) {
        Await.until(() -> Proc.textOfThreads(pid, "status").allMatch(status -> status.contains("\nTracerPid:\t0\n")));
    }

    /** Java waits for it, and it has one thread: its number cannot be held. */
    @Test
    void anOwnChildWithOneThreadIsWrittenThroughItsFile() throws IOException, InterruptedException {
        Process sleep = new ProcessBuilder("sleep", "1000").start();
        try (RemoteMemory sleeping = awaitSleeping(sleep.pid())) {
            writeToStackAndNotToCode(sleeping);
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }

    /** It is a grandchild, so its number is held by tracing its only thread. */
    @Test
    void somebodyElsesChildIsWrittenWhileItsNumberIsHeld() throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; wait").start();
        long pid = Long.parseLong(shell.inputReader().readLine());
        try (RemoteMemory sleeping = awaitSleeping(pid)) {
            writeToStackAndNotToCode(sleeping);
            awaitUntraced(pid);
            assertThat(ProcessHandle.of(pid).orElseThrow().isAlive()).isTrue();
        } finally {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            shell.destroyForcibly().waitFor();
        }
    }

    /** Each signal is awaited before the next, while the thread that takes it is traced again and again. */
    @Test
    void signalsArriveWhileTheirThreadIsTraced() throws Exception {
        Process outer = new ProcessBuilder(
                        "sh",
                        "-c",
                        "sh -c 'trap \"echo got\" USR1; echo $$; while :; do sleep 1000 & wait $!; kill $!; done' &"
                                + " wait")
                .start();
        BufferedReader said = outer.inputReader();
        long pid = Long.parseLong(said.readLine());
        var done = new AtomicBoolean();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor();
                RemoteMemory shell = RemoteMemory.open(pid)) {
            Future<Integer> writes = executor.submit(() -> {
                int count = 0;
                MemoryRange stack = shell.mappings()
                        .named("[stack]")
                        .matching()
                        .mappings()
                        .getFirst()
                        .range();
                while (!done.get()) {
                    shell.write(stack.address(), new byte[] {(byte) count++});
                }
                return count;
            });
            try {
                for (int i = 0; i < 50; i++) {
                    assertThat(new ProcessBuilder("kill", "-USR1", Long.toString(pid))
                                    .start()
                                    .waitFor())
                            .isZero();
                    Future<String> answer = executor.submit(said::readLine);
                    assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo("got");
                }
                done.set(true);
                assertThat(writes.get(60, TimeUnit.SECONDS)).isPositive();
            } finally {
                done.set(true);
                end(pid, outer);
            }
        }
    }

    /** The stop and the going on are told to the tracer, which has to see to both. */
    @Test
    void aStopAndItsEndTakeEffectWhileTheNumberIsHeld() throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; wait").start();
        int pid = Integer.parseInt(shell.inputReader().readLine());
        try (PinnedProcess process = PinnedProcess.open(LinuxKernel.instance(), pid)) {
            Optional<Boolean> held = HeldNumber.with(LinuxKernel.instance(), process, number -> {
                for (int i = 0; i < 3; i++) {
                    signal("STOP", pid);
                    Await.until(() -> staysStopped(pid, number));
                    signal("CONT", pid);
                    Await.until(() -> number.still() && !stopped(pid));
                }
                return number.still();
            });
            assertThat(held).contains(true);
        } finally {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            shell.destroyForcibly().waitFor();
        }
    }

    private static void signal(String name, long pid) {
        try {
            assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                            .start()
                            .waitFor())
                    .isZero();
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    /** It also stands for a moment when a signal has come and its tracer has not passed it on yet. */
    private static boolean staysStopped(long pid, HeldNumber number) {
        return IntStream.range(0, 100).allMatch(_ -> number.still() && stopped(pid));
    }

    private static boolean stopped(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/status")).matches("(?s).*\nState:\t[Tt].*");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void end(long pid, Process outer) throws InterruptedException {
        ProcessHandle.of(pid).ifPresent(shell -> {
            List<ProcessHandle> sleeping = shell.descendants().toList();
            shell.destroyForcibly();
            sleeping.forEach(ProcessHandle::destroyForcibly);
        });
        outer.destroyForcibly().waitFor();
    }

    private static RemoteMemory awaitSleeping(long pid) {
        RemoteMemory memory = RemoteMemory.open(pid);
        Await.until(() -> Proc.sleeps(pid, "sleep"));
        return memory;
    }

    private static void writeToStackAndNotToCode(RemoteMemory memory) {
        MemoryRange stack = memory.mappings()
                .named("[stack]")
                .matching()
                .mappings()
                .getFirst()
                .range();
        MemoryRange bottom = MemoryRange.of(stack.address(), 100);
        byte[] bytes = random(100);
        memory.write(bottom.address(), bytes);
        assertThat(memory.read(bottom)).isEqualTo(bytes);
        MemoryRange code = memory.mappings()
                .where(each -> each.protection().executable() && each.fileBacked())
                .matching()
                .mappings()
                .getFirst()
                .range();
        byte[] before = memory.read(MemoryRange.of(code.address(), 64));
        assertThatExceptionOfType(IncompleteCopyException.class)
                .isThrownBy(() -> memory.write(code.address(), random(64)))
                .satisfies(failure -> assertThat(failure.outcome().uncopied())
                        .extracting(UncopiedRange::obstacle)
                        .containsExactly(CopyObstacle.NOT_WRITABLE));
        assertThat(memory.read(MemoryRange.of(code.address(), 64))).isEqualTo(before);
    }

    @Test
    void thisProcessIsCopiedToo() {
        try (RemoteMemory self = RemoteMemory.open(ProcessHandle.current());
                Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(100);
            self.write(segment.address() + 10, new byte[] {1, 2, 3});
            assertThat(segment.asSlice(10, 3).toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2, 3);
            assertThat(self.read(MemoryRange.of(segment.address() + 10, 3))).containsExactly(1, 2, 3);
        }
    }

    @Test
    void anEndedProcessIsGone() {
        MemoryRange range = child.map(page);
        child.close();
        assertThat(memory.read(range, MemorySegment.ofArray(new byte[(int) page])))
                .isInstanceOf(CopyOutcome.ProcessGone.class);
        assertThat(memory.write(range.address(), MemorySegment.ofArray(new byte[1])))
                .isInstanceOf(CopyOutcome.ProcessGone.class);
    }
}
