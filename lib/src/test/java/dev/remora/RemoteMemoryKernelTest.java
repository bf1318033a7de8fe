package dev.remora;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.RangeOutcome.Advised;
import dev.remora.RangeOutcome.Skipped;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.bindings.Linux;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.RequiresSwap;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** The verbs on a real process of a real kernel. */
@Tag("kernel")
@RequiresRightToAdvise
final class RemoteMemoryKernelTest {

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

    private MemoryRange slice(MemoryRange range, long firstPage, long pages) {
        return MemoryRange.of(range.address() + firstPage * page, pages * page);
    }

    @Test
    void adviceForAWholeMappingIsComplete() {
        MemoryRange range = child.map(8 * MiB);
        for (Advice advice : List.of(Advice.COLD, Advice.PAGEOUT, Advice.WILLNEED)) {
            child.touch(range);
            AdviceOutcome outcome =
                    memory.ranges(range).swapGuard(SwapGuard.OFF).advise(advice);
            assertThat(outcome.parts()).as(advice.name()).containsExactly(new Advised(range));
        }
    }

    @Test
    void wholeHugePagesOfAMappingAreCollapsed() {
        MemoryRange range = child.map(8 * MiB);
        child.touch(range);
        AdviceOutcome outcome = memory.ranges(range).collapse();
        assertThat(outcome.advisedBytes()).as(outcome.toString()).isGreaterThanOrEqualTo(6 * MiB);
        assertThat(outcome.skipped()).allMatch(part -> part.reason() == SkipReason.NO_HUGE_PAGE);
    }

    @Test
    void aVectorWithHolesAndLockedPagesTellsTheTruthPerRange() {
        MemoryRange plain = child.map(16 * page);
        MemoryRange mixed = child.map(16 * page);
        child.touch(plain);
        child.touch(mixed);
        child.unmap(slice(mixed, 4, 2));
        child.lock(slice(mixed, 10, 1));
        AdviceOutcome outcome = memory.ranges(plain, mixed, plain).markCold();
        assertThat(outcome.parts())
                .containsExactly(
                        new Advised(plain),
                        new Advised(slice(mixed, 0, 4)),
                        new Skipped(slice(mixed, 4, 2), SkipReason.HOLE, Linux.ENOMEM()),
                        new Advised(slice(mixed, 6, 4)),
                        new Skipped(slice(mixed, 10, 1), SkipReason.LOCKED, Linux.EINVAL()),
                        new Advised(slice(mixed, 11, 5)),
                        new Advised(plain));
    }

    @Test
    void hugetlbPagesAreSkippedAsSuch() throws IOException {
        Path pool = Path.of("/proc/sys/vm/nr_hugepages");
        String before = Files.readAllLines(pool).getFirst();
        Skip.unless(Files.isWritable(pool), "no huge pages of 2 MiB can be had: only root can make some");
        try {
            Files.writeString(pool, Integer.toString(Integer.parseInt(before) + 2));
            MemoryRange huge = child.mapHugetlb(2 * MiB);
            child.touch(huge);
            assertThat(memory.ranges(huge).pageOut().parts())
                    .containsExactly(new Skipped(huge, SkipReason.HUGETLB, Linux.EINVAL()));
        } catch (SyscallFailedException | IOException failure) {
            throw Skip.because("no huge pages of 2 MiB can be had: " + failure.getMessage());
        } finally {
            Files.writeString(pool, before);
        }
    }

    @Test
    void memoryOfTheKernelIsSkippedAsSuch() {
        AdviceOutcome outcome = memory.mappings().named("[vvar*").pageOut();
        assertThat(outcome.skipped()).isNotEmpty().allMatch(part -> part.reason() == SkipReason.SPECIAL_MAPPING);
        assertThat(outcome.advisedBytes()).isZero();
    }

    @Test
    void everyMappingOfAProcessCanBeAsked() {
        AdviceOutcome outcome = memory.mappings().markCold();
        assertThat(outcome.requestedBytes()).isEqualTo(memory.addressSpace().byteSize());
        assertThat(outcome.skipped()).allMatch(part -> part.reason() == SkipReason.SPECIAL_MAPPING);
        assertThat(outcome.advisedBytes()).isPositive();
    }

    @Test
    void oneThousandAndTwentyFiveRangesAreAdvised() {
        MemoryRange range = child.map(2050 * page);
        List<MemoryRange> everySecond = new ArrayList<>();
        for (int i = 0; i < 1025; i++) {
            everySecond.add(slice(range, 2L * i, 1));
        }
        AdviceOutcome outcome = memory.ranges(everySecond).markCold();
        assertThat(outcome.complete()).isTrue();
        assertThat(outcome.parts()).hasSize(1025);
        assertThat(outcome.advisedBytes()).isEqualTo(1025 * page);
    }

    @Test
    void rangesBeyondTheClampOfTwoGibibytesAreAdvisedToTheirEnd() {
        MemoryRange sparse = child.map(5 * GiB);
        MemoryRange last = slice(sparse, 5 * GiB / page - 1, 1);
        child.lock(last);
        assertThat(memory.ranges(sparse).pageOut().parts())
                .containsExactly(
                        new Advised(MemoryRange.between(sparse.address(), last.address())),
                        new Skipped(last, SkipReason.LOCKED, Linux.EINVAL()));
    }

    @Test
    void twentyThousandMappingsAreFoundAndAdvised() {
        MemoryRange range = child.map(20_000 * page);
        for (int i = 0; i < 20_000; i += 2) {
            child.protect(slice(range, i, 1), Protection.READ);
        }
        AdviceOutcome outcome = memory.mappings().anonymous().within(range).markCold();
        assertThat(outcome.parts()).hasSize(20_000);
        assertThat(outcome.advisedBytes()).isEqualTo(range.byteSize());
        assertThat(memory.mappings().within(range).writable().markCold().advisedBytes())
                .isEqualTo(range.byteSize() / 2);
    }

    @Test
    @RequiresSwap
    void anonymousMemoryLeavesRamWhenThereIsSwap() {
        MemoryRange range = child.map(16 * MiB);
        child.touch(range);
        assertThat(SmapsOfMapping.of(child.pid(), range).residentBytes()).isEqualTo(range.byteSize());
        assertThat(memory.ranges(range).pageOut().complete()).isTrue();
        SmapsOfMapping after = SmapsOfMapping.of(child.pid(), range);
        assertThat(after.residentBytes()).isLessThan(range.byteSize() / 10);
        assertThat(after.swappedBytes()).isGreaterThan(range.byteSize() * 9 / 10);
        child.read(range);
        assertThat(SmapsOfMapping.of(child.pid(), range).residentBytes()).isEqualTo(range.byteSize());
    }

    @Test
    @RequiresSwap
    void aMemfdLeavesRamWhenThereIsSwap() {
        MemoryRange range = child.mapMemfd("java_heap", 16 * MiB);
        child.touch(range);
        AdviceOutcome outcome =
                memory.mappings().shared().named("/memfd:java_heap*").pageOut();
        assertThat(outcome.parts()).containsExactly(new Advised(range));
        assertThat(SmapsOfMapping.of(child.pid(), range).residentBytes()).isLessThan(range.byteSize() / 10);
    }

    /** Where temporary files are kept in memory, they do not leave it without swap. */
    static final class OnDisk implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext where, ExtensionContext context) throws IOException {
            return Files.createTempDirectory(Path.of("target"), "on-disk").toAbsolutePath();
        }
    }

    @Test
    void aFileMappingLeavesRamWithoutSwap(@TempDir(factory = OnDisk.class) Path directory) throws IOException {
        Path file = directory.resolve("some file");
        try (FileChannel written = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            written.write(ByteBuffer.allocate((int) (16 * MiB)));
            written.force(true);
        }
        MemoryRange range = child.mapFile(file);
        child.read(range);
        assertThat(SmapsOfMapping.of(child.pid(), range).residentBytes()).isEqualTo(range.byteSize());
        assertThat(memory.mappings()
                        .fileBacked()
                        .named(file.toString())
                        .markCold()
                        .complete())
                .isTrue();
        assertThat(memory.mappings()
                        .fileBacked()
                        .named(file.toString())
                        .pageOut()
                        .parts())
                .containsExactly(new Advised(range));
        assertThat(SmapsOfMapping.of(child.pid(), range).residentBytes()).isLessThan(range.byteSize() / 10);
    }

    @Test
    void aProcessKilledMidwayIsAnOutcomeThatAddsUp() throws InterruptedException {
        MemoryRange range = child.map(4096 * page);
        List<MemoryRange> ranges = new ArrayList<>();
        for (int i = 0; i < 4096; i++) {
            ranges.add(slice(range, i, 1));
        }
        RangeSelection selection = memory.ranges(ranges);
        Thread killer = Thread.startVirtualThread(() -> {
            sleep(20);
            child.handle().destroyForcibly();
        });
        AdviceOutcome outcome;
        do {
            outcome = selection.pageOut();
            assertThat(outcome.requestedBytes()).isEqualTo(range.byteSize());
            assertThat(outcome.advisedBytes() + outcome.notReachedBytes()).isEqualTo(range.byteSize());
        } while (!(outcome instanceof AdviceOutcome.ProcessGone));
        killer.join();
        assertThat(memory.mappings().pageOut()).isInstanceOf(AdviceOutcome.ProcessGone.class);
    }

    @Test
    void aListThatAKillCutsShortIsNeverTakenForTheWhole() {
        MemoryRange range = child.map(4096 * page);
        for (int i = 0; i < 4096; i += 2) {
            child.protect(slice(range, i, 1), Protection.READ);
        }
        Thread killer = Thread.startVirtualThread(() -> {
            sleep(30);
            child.handle().destroyForcibly();
        });
        assertThatThrownBy(() -> {
                    while (true) {
                        assertThat(memory.mappings().within(range).matching()).hasSize(4096);
                    }
                })
                .isInstanceOf(NoSuchProcessException.class);
        assertThat(killer).isNotNull();
    }

    @Test
    void aProcessThatRunsOneProgramAfterAnotherIsNotGone() throws IOException {
        String again = "n=$1; [ $n -gt 0 ] && exec sh -c \"$2\" sh $((n - 1)) \"$2\"; exec sleep 100000";
        Process target = new ProcessBuilder("sh", "-c", again, "sh", "400", again).start();
        try (var running = RemoteMemory.open(target.toHandle())) {
            for (int i = 0; i < 2000; i++) {
                assertThat(running.mappings().pageOut()).isNotInstanceOf(AdviceOutcome.ProcessGone.class);
                assertThat(running.addressSpace()).isNotEmpty();
            }
        } finally {
            target.destroyForcibly();
        }
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void oneHandleServesManyVirtualThreads() throws Exception {
        MemoryRange range = child.map(64 * page);
        RangeSelection selection = memory.ranges(range);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<AdviceOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                outcomes.add(threads.submit(selection::markCold));
            }
            for (Future<AdviceOutcome> outcome : outcomes) {
                assertThat(outcome.get().advisedBytes()).isEqualTo(range.byteSize());
            }
        }
    }

    @Test
    void closingWhileVerbsRunLetsThemFinishOrRefusesThem() throws Exception {
        RangeSelection selection = memory.ranges(child.map(64 * page));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                results.add(threads.submit(() -> {
                    try {
                        return selection.markCold().complete();
                    } catch (IllegalStateException closed) {
                        return true;
                    }
                }));
            }
            memory.close();
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        }
        assertThatThrownBy(() -> selection.markCold().complete()).isInstanceOf(IllegalStateException.class);
    }
}
