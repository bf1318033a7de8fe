package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.Syscall;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Moves pages of a scripted process from its node 1 to node 0, which every host has. */
final class MoveTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long BASE = 0x10_0000_0000L;
    private static final NodeSet HERE = NodeSet.of(0);

    private final SimulatedKernel kernel = new SimulatedKernel().map(BASE, 64 * PAGE, SimulatedKernel.Kind.PLAIN);

    private static MemoryRange pages(int from, int count) {
        return MemoryRange.of(BASE + from * PAGE, count * PAGE);
    }

    private MoveOutcome move(MemoryRange... ranges) {
        try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
            return memory.ranges(ranges).moveTo(HERE);
        }
    }

    private PageLocations locate(MemoryRange... ranges) {
        try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
            return memory.ranges(ranges).nodes();
        }
    }

    private static MovedRange part(int from, int count, PageFate fate) {
        return new MovedRange(pages(from, count), fate);
    }

    @Test
    void pagesMoveAndWhatIsThereOrNowhereStays() {
        kernel.pages.put(BASE, 4, 1);
        kernel.pages.put(BASE + 4 * PAGE, 2, 0);
        MoveOutcome outcome = move(pages(0, 8));
        assertThat(outcome).isInstanceOf(MoveOutcome.Complete.class);
        assertThat(outcome.pages().parts())
                .containsExactly(
                        part(0, 4, PageFate.MOVED),
                        part(4, 2, PageFate.ALREADY_THERE),
                        part(6, 2, PageFate.NOT_PRESENT));
        assertThat(outcome.movedBytes()).isEqualTo(4 * PAGE);
        assertThat(kernel.pages.batches()).as("only those that have to move").containsExactly(4);
    }

    @Test
    void rangesKeepTheirOrderAndAreToldApart() {
        kernel.pages.put(BASE, 8, 1);
        assertThat(move(pages(4, 2), pages(0, 2), pages(2, 2)).pages().parts())
                .containsExactly(part(4, 2, PageFate.MOVED), part(0, 2, PageFate.MOVED), part(2, 2, PageFate.MOVED));
        assertThat(kernel.pages.batches()).as("one call for all").containsExactly(6);
    }

    @Test
    void nothingToMoveAsksForNoMove() {
        assertThat(move(pages(0, 8))).isInstanceOf(MoveOutcome.Complete.class);
        assertThat(kernel.pages.batches()).isEmpty();
    }

    @Test
    void aSharedPageStaysAndIsNamed() {
        kernel.pages.put(BASE, 3, 1);
        kernel.pages.share(BASE + PAGE);
        MoveOutcome outcome = move(pages(0, 3));
        assertThat(outcome).isInstanceOf(MoveOutcome.Partial.class);
        assertThat(outcome.pages().parts())
                .containsExactly(part(0, 1, PageFate.MOVED), part(1, 1, PageFate.SHARED), part(2, 1, PageFate.MOVED));
        assertThat(kernel.pages.batches()).as("not tried again").hasSize(1);
    }

    @Test
    void sharedPagesMoveWhenThatIsAskedFor() {
        kernel.pages.put(BASE, 3, 1);
        kernel.pages.share(BASE + PAGE);
        try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
            assertThat(memory.ranges(pages(0, 3)).moveIncludingSharedTo(HERE)).isInstanceOf(MoveOutcome.Complete.class);
        }
    }

    @Test
    void behindABusyPageAllIsTriedAgain() {
        kernel.pages.put(BASE, 8, 1);
        kernel.pages.makeBusy(BASE + 3 * PAGE, 2);
        MoveOutcome outcome = move(pages(0, 8));
        assertThat(outcome.pages().parts()).containsExactly(part(0, 8, PageFate.MOVED));
        assertThat(kernel.pages.batches()).containsExactly(8, 1, 1);
    }

    @Test
    void whatStaysBusyIsGivenUp() {
        kernel.pages.put(BASE, 8, 1);
        kernel.pages.makeBusy(BASE + 3 * PAGE, 100);
        MoveOutcome outcome = move(pages(0, 8));
        assertThat(outcome).isInstanceOf(MoveOutcome.Partial.class);
        assertThat(outcome.pages().parts())
                .containsExactly(part(0, 3, PageFate.MOVED), part(3, 1, PageFate.BUSY), part(4, 4, PageFate.MOVED));
        assertThat(kernel.pages.batches()).containsExactly(8, 1, 1, 1);
    }

    @Test
    void aPageThatStaysBusyKeepsNoOtherGroupFromMoving() {
        kernel.pages.put(BASE, 9, 1);
        kernel.pages.makeBusy(BASE + PAGE, 100);
        kernel.pages.share(BASE + 4 * PAGE);
        assertThat(move(pages(0, 9)).pages().parts())
                .containsExactly(
                        part(0, 1, PageFate.MOVED),
                        part(1, 1, PageFate.BUSY),
                        part(2, 2, PageFate.MOVED),
                        part(4, 1, PageFate.SHARED),
                        part(5, 4, PageFate.MOVED));
    }

    /** The kernel stops at the first node for which a page cannot be moved; there are more of them than attempts for a page. */
    @Test
    void aPageThatStaysBusyOfEachStripeKeepsNoOtherFromMoving() {
        int stripes = 12;
        long stripe = 2 << 20;
        long base = BASE + (1 << 30);
        kernel.map(base, stripes * stripe, SimulatedKernel.Kind.PLAIN);
        for (int i = 0; i < stripes; i++) {
            kernel.pages.put(base + i * stripe, 8, 2);
            kernel.pages.makeBusy(base + i * stripe + PAGE, 100);
        }
        Map<PageFate, Long> fates = moveToTwoNodes(base, stripes * stripe);
        assertThat(fates)
                .containsEntry(PageFate.MOVED, 7L * stripes)
                .containsEntry(PageFate.BUSY, (long) stripes)
                .doesNotContainKey(PageFate.NOT_ATTEMPTED);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 14})
    void kernelsDifferInHowTheySayThatAPageIsAbsent(int errno) {
        kernel.pages.absent = errno;
        assertThat(move(pages(0, 2), MemoryRange.of(BASE - 2 * PAGE, 2 * PAGE))
                        .pages()
                        .parts())
                .containsExactly(part(0, 2, PageFate.NOT_PRESENT), part(-2, 2, PageFate.UNMAPPED));
    }

    @Test
    void manyPagesGoInBatchesAndAreAllAccountedFor() {
        kernel.map(BASE + (1 << 30), 20_000 * PAGE, SimulatedKernel.Kind.PLAIN);
        kernel.pages.put(BASE + (1 << 30), 20_000, 1);
        MoveOutcome outcome = move(MemoryRange.of(BASE + (1 << 30), 20_000 * PAGE));
        assertThat(outcome.movedBytes()).isEqualTo(20_000 * PAGE);
        assertThat(outcome.pages().parts()).hasSize(1);
        assertThat(kernel.pages.batches()).containsExactly(8192, 8192, 3616);
    }

    @Test
    void aFullNodeTakesWhatItCanAndTheRestIsTold() {
        kernel.map(BASE + (1 << 30), 20_000 * PAGE, SimulatedKernel.Kind.PLAIN);
        kernel.pages.put(BASE + (1 << 30), 20_000, 1);
        kernel.pages.limit(0, 10_000);
        MoveOutcome outcome = move(MemoryRange.of(BASE + (1 << 30), 20_000 * PAGE));
        assertThat(outcome).isInstanceOf(MoveOutcome.Partial.class);
        assertThat(outcome.pages().bytesByFate())
                .isEqualTo(Map.of(PageFate.MOVED, 10_000 * PAGE, PageFate.NO_MEMORY, 10_000 * PAGE));
        assertThat(kernel.pages.batches()).as("one group each, not tried again").hasSize(3);
    }

    private Map<PageFate, Long> moveToTwoNodes(long base, long byteSize) {
        var ranges = new RangeList(1);
        ranges.add(base, byteSize);
        Map<PageFate, Long> fates = new EnumMap<>(PageFate.class);
        try (PinnedProcess process = PinnedProcess.open(kernel, SimulatedKernel.PID)) {
            new MoveRun(kernel, process, PAGE, NodeSet.of(0, 1), false)
                    .over(ranges)
                    .forEach(part -> fates.merge(part.fate(), part.range().byteSize() / PAGE, Long::sum));
        }
        return fates;
    }

    @Test
    void whatAFullNodeDoesNotTakeGoesToAnother() {
        long base = BASE + (1 << 30);
        kernel.map(base, 8192 * PAGE, SimulatedKernel.Kind.PLAIN);
        kernel.pages.put(base, 8192, 2);
        kernel.pages.limit(0, 700);
        assertThat(moveToTwoNodes(base, 8192 * PAGE)).isEqualTo(Map.of(PageFate.MOVED, 8192L));
    }

    @Test
    void whenAllNodesAreFullTheRestIsTold() {
        long base = BASE + (1 << 30);
        kernel.map(base, 8192 * PAGE, SimulatedKernel.Kind.PLAIN);
        kernel.pages.put(base, 8192, 2);
        kernel.pages.limit(0, 700);
        kernel.pages.limit(1, 800);
        assertThat(moveToTwoNodes(base, 8192 * PAGE))
                .isEqualTo(Map.of(PageFate.MOVED, 1500L, PageFate.NO_MEMORY, 8192L - 1500));
    }

    @Test
    void hugePagesMoveWhole() {
        long base = BASE + (1 << 30);
        kernel.map(base, 2048 * PAGE, SimulatedKernel.Kind.PLAIN);
        kernel.pages.put(base, 2048, 1);
        for (int i = 0; i < 4; i++) {
            kernel.pages.makeHuge(base + i * 512L * PAGE);
        }
        assertThat(move(MemoryRange.of(base, 2048 * PAGE)).pages().bytesByFate())
                .isEqualTo(Map.of(PageFate.MOVED, 2048 * PAGE));
        assertThat(kernel.pages.batches()).hasSize(1);
    }

    @Test
    void aHugePageThatStaysBusyTakesFourAttempts() {
        long base = BASE + (1 << 30);
        kernel.map(base, 2048 * PAGE, SimulatedKernel.Kind.PLAIN);
        kernel.pages.put(base, 2048, 1);
        for (int i = 0; i < 4; i++) {
            kernel.pages.makeHuge(base + i * 512L * PAGE);
        }
        kernel.pages.makeBusy(base, 100);
        kernel.pages.makeBusy(base + 1024 * PAGE, 100);
        assertThat(move(MemoryRange.of(base, 2048 * PAGE)).pages().bytesByFate())
                .isEqualTo(Map.of(PageFate.MOVED, 1024 * PAGE, PageFate.BUSY, 1024 * PAGE));
        assertThat(kernel.pages.batches()).hasSizeLessThanOrEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 13, 19})
    void whatEndsTheMoveMidwayKeepsWhatWasDone(int errno) {
        kernel.map(BASE + (1 << 30), 20_000 * PAGE, SimulatedKernel.Kind.PLAIN);
        kernel.pages.put(BASE + (1 << 30), 20_000, 1);
        kernel.pages.refusals.put(4, errno);
        MoveOutcome outcome = move(MemoryRange.of(BASE + (1 << 30), 20_000 * PAGE));
        assertThat(outcome).isInstanceOf(MoveOutcome.Partial.class);
        assertThat(outcome.pages().parts())
                .containsExactly(
                        new MovedRange(MemoryRange.of(BASE + (1 << 30), 8192 * PAGE), PageFate.MOVED),
                        new MovedRange(
                                MemoryRange.of(BASE + (1 << 30) + 8192 * PAGE, 11_808 * PAGE), PageFate.NOT_ATTEMPTED));
    }

    @Test
    void whoHasGivenUpItsMemoryIsGone() {
        kernel.pages.put(BASE, 4, 1);
        kernel.memoryGivenUp = true;
        kernel.pages.refusals.putAll(Map.of(1, Linux.EINVAL(), 2, Linux.EINVAL()));
        assertThat(move(pages(0, 4))).isInstanceOf(MoveOutcome.ProcessGone.class);
        assertThatExceptionOfType(NoSuchProcessException.class).isThrownBy(() -> locate(pages(0, 4)));
    }

    @Test
    void aLookThroughThePidfdIsDirectlyBeforeAndAfterEachCallByNumber() {
        kernel.pages.put(BASE, 8, 1);
        kernel.pages.makeBusy(BASE + 3 * PAGE, 2);
        var _ = move(pages(0, 8));
        assertThat(kernel.count(Syscall.MOVE_PAGES)).isGreaterThan(4);
        assertThat(kernel.count(Syscall.PPOLL)).isGreaterThan(2 * kernel.count(Syscall.MOVE_PAGES));
    }

    @Test
    void aProcessThatEndsWhileItsPagesMoveIsNotReported() {
        kernel.pages.put(BASE, 4, 1);
        kernel.pages.whileMoving = kernel::exit;
        MoveOutcome outcome = move(pages(0, 4));
        assertThat(outcome).isInstanceOf(MoveOutcome.ProcessGone.class);
        assertThat(outcome.pages().bytesByFate()).isEqualTo(Map.of(PageFate.NOT_REACHED, 4 * PAGE));
    }

    @Test
    void anAnswerAboutAStrangerIsThrownAway() {
        kernel.pages.put(BASE, 4, 1);
        kernel.pages.beforeCall = kernel::exit;
        kernel.script(Syscall.MOVE_PAGES, () -> {
            kernel.exit();
            return 0;
        });
        assertThat(move(pages(0, 4))).isInstanceOf(MoveOutcome.ProcessGone.class);
    }

    @Test
    void whoEndsBeforeItsPagesAreFoundIsGone() {
        kernel.pages.beforeCall = kernel::exit;
        assertThatExceptionOfType(NoSuchProcessException.class).isThrownBy(() -> locate(pages(0, 4)));
    }

    @Test
    void aRightThatIsMissingIsNamed() {
        kernel.fail(Syscall.MOVE_PAGES, Linux.EPERM());
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> move(pages(0, 4)))
                .withMessageContaining("CAP_SYS_NICE");
    }

    @Test
    void nodesThatCannotBeUsedAreRefusedUnasked() {
        try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
            RangeSelection selection = memory.ranges(pages(0, 4));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> selection.moveTo(NodeSet.of(1023)))
                    .withMessageContaining("no node 1023");
            assertThatIllegalArgumentException().isThrownBy(() -> selection.moveTo(NodeSet.empty()));
        }
        assertThat(kernel.count(Syscall.MOVE_PAGES)).isZero();
    }

    @Test
    void nodesThatItsCpusetDoesNotAllowAreRefusedUnasked() {
        kernel.allowedNodes = "1-3";
        try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
            assertThat(memory.allowedNodes()).isEqualTo(NodeSet.parse("1-3"));
            RangeSelection selection = memory.ranges(pages(0, 4));
            List<Executable> attempts = List.of(
                    () -> selection.moveTo(HERE),
                    () -> memory.migrate(HERE, HERE),
                    () -> selection.place(MemoryPolicy.bind(HERE), Mechanism.INJECTED),
                    () -> selection.place(MemoryPolicy.preferred(0).staticNodes(), Mechanism.INJECTED));
            assertThat(attempts)
                    .allSatisfy(attempt -> assertThatIllegalArgumentException()
                            .isThrownBy(attempt::execute)
                            .withMessageContaining("does not allow memory on node 0: it allows 1-3"));
        }
        assertThat(kernel.count(Syscall.MOVE_PAGES)).isZero();
        assertThat(kernel.count(Syscall.MIGRATE_PAGES)).isZero();
        assertThat(kernel.count(Syscall.PTRACE)).isZero();
    }

    @Test
    void locationsAreSummedUpByNode() {
        kernel.pages.put(BASE, 4, 1);
        kernel.pages.put(BASE + 6 * PAGE, 2, 0);
        PageLocations where = locate(pages(0, 8), MemoryRange.of(BASE - PAGE, PAGE));
        assertThat(where.parts())
                .isEqualTo(List.of(
                        new LocatedRange.OnNode(pages(0, 4), 1),
                        new LocatedRange.NotPresent(pages(4, 2)),
                        new LocatedRange.OnNode(pages(6, 2), 0),
                        new LocatedRange.Unmapped(pages(-1, 1))));
        assertThat(where.bytesByNode()).isEqualTo(Map.of(0, 2 * PAGE, 1, 4 * PAGE));
        assertThat(where.bytesOn(1)).isEqualTo(4 * PAGE);
        assertThat(where.bytesOn(7)).isZero();
        assertThat(where.nodes()).isEqualTo(NodeSet.of(0, 1));
    }

    @Test
    void aMigrationSaysHowManyPagesStayed() {
        try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
            assertThat(memory.migrate(HERE, HERE)).isEqualTo(new MigrationOutcome.Complete(HERE, HERE));
            kernel.unmigratedPages = 7;
            assertThat(memory.migrate(HERE, HERE)).isEqualTo(new MigrationOutcome.Partial(HERE, HERE, 7));
            kernel.exit();
            assertThat(memory.migrate(HERE, HERE)).isEqualTo(new MigrationOutcome.ProcessGone(HERE, HERE));
        }
    }
}
