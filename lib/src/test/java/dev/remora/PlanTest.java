package dev.remora;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.syscall.Syscall;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of verbs that are not used, against what they do when they are. */
final class PlanTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long BASE = 0x10_0000_0000L;
    private static final long HUGE = 2 * MiB;

    private final SimulatedKernel kernel = new SimulatedKernel().map(BASE, 16 * MiB, SimulatedKernel.Kind.PLAIN);
    private final RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel);

    @AfterEach
    void closeAll() {
        memory.close();
        assertThat(kernel.openFiles()).isZero();
    }

    private List<MemoryRange> manyRanges() {
        List<MemoryRange> ranges = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            long address = BASE + GiB + 2 * PAGE * i;
            kernel.map(address, PAGE, SimulatedKernel.Kind.PLAIN);
            ranges.add(MemoryRange.of(address, PAGE));
        }
        return ranges;
    }

    private void assertTold(AdviceRequest request, Advice advice) {
        VerbPlan plan = request.plan(advice);
        assertThat(kernel.effects()).as("nothing is done").isEmpty();
        int before = kernel.count(Syscall.PROCESS_MADVISE);
        AdviceOutcome outcome = request.advise(advice);
        assertThat(plan.calls()).isEqualTo(kernel.count(Syscall.PROCESS_MADVISE) - before);
        assertThat(plan.askedBytes()).isEqualTo(outcome.advisedBytes());
        assertThat(plan.leftOut()).containsExactlyElementsOf(outcome.skipped());
        assertThat(plan.leftOutBytes()).isEqualTo(outcome.skippedBytes());
        kernel.effects().clear();
    }

    @ParameterizedTest
    @EnumSource(Advice.class)
    void callsAreCountedAsTheyAreMade(Advice advice) {
        assertTold(memory.ranges(manyRanges()).batchesOf(GiB), advice);
        assertTold(memory.ranges(MemoryRange.of(BASE, 16 * MiB)).batchesOf(3 * MiB), advice);
        assertTold(memory.ranges(MemoryRange.of(BASE + PAGE, 3 * MiB)).batchesOf(PAGE), advice);
    }

    @Test
    void whatThereIsNoSwapForIsLeftOut() {
        kernel.swap = "title\n/swap file 1000 1000 -2\n";
        kernel.map(BASE + GiB, MiB, SimulatedKernel.Kind.PLAIN);
        kernel.absent.add(BASE);
        assertTold(memory.ranges(MemoryRange.of(BASE, 16 * MiB)).batchesOf(MiB), Advice.PAGEOUT);
        VerbPlan cold = memory.ranges(MemoryRange.of(BASE, MiB))
                .swapGuard(SwapGuard.MARK_COLD)
                .plan(Advice.PAGEOUT);
        assertThat(cold.leftOut()).extracting(RangeOutcome.Skipped::reason).containsExactly(SkipReason.COLD_INSTEAD);
        assertThat(cold.reads())
                .containsExactly(
                        "/proc/swaps",
                        "/proc/PID/cgroup",
                        "/proc/self/mountinfo",
                        "memory.swap.max of cgroups",
                        "/proc/PID/mountinfo",
                        "/proc/PID/smaps");
        assertThat(kernel.effects()).isEmpty();
    }

    @Test
    void whatIsMarkedColdInsteadIsCalledForToo() {
        kernel.swap = "title\n/swap file 1000 1000 -2\n";
        kernel.map(BASE + 32 * MiB, MiB, SimulatedKernel.Kind.PLAIN);
        var ranges = memory.ranges(MemoryRange.of(BASE, 16 * MiB), MemoryRange.of(BASE + 32 * MiB, MiB));
        AdviceRequest request = ranges.swapGuard(SwapGuard.MARK_COLD).batchesOf(3 * MiB);
        assertThat(request.plan(Advice.PAGEOUT).calls()).isGreaterThan(5);
        assertTold(request, Advice.PAGEOUT);
    }

    @Test
    void windowsThatWouldNotBeCollapsedAreLeftOut() {
        for (int i = 0; i < 200; i++) {
            kernel.absent.add(BASE + HUGE + i * PAGE);
        }
        assertTold(memory.ranges(MemoryRange.of(BASE + PAGE, 15 * MiB)).batchesOf(HUGE), Advice.COLLAPSE);
        assertThat(memory.ranges(MemoryRange.of(BASE, HUGE))
                        .plan(Advice.COLLAPSE)
                        .reads())
                .containsExactly("/proc/PID/mountinfo", "/proc/PID/smaps", "/proc/PID/pagemap");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void severalThreadsMakeTheCallsOfTheirShares(int threads) {
        assertTold(memory.ranges(MemoryRange.of(BASE, 16 * MiB)).inParallel(threads), Advice.WILLNEED);
    }

    @Test
    void noPaceIsWaitedFor() {
        long start = System.nanoTime();
        assertThat(memory.ranges(MemoryRange.of(BASE, 16 * MiB))
                        .pacedAt(MiB)
                        .plan(Advice.COLD)
                        .calls())
                .isGreaterThan(100);
        assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    }

    @Test
    void theFilesOfASelectionComeFirst() {
        assertThat(memory.mappings().plan(Advice.COLD).reads()).containsExactly("/proc/PID/maps");
        assertThat(memory.mappings()
                        .anonymous()
                        .unlessChanged(memory.addressSpace())
                        .plan(Advice.COLD)
                        .reads())
                .containsExactly("/proc/PID/maps", "/proc/PID/maps", "/proc/PID/maps");
        assertThat(memory.ranges(MemoryRange.of(BASE, PAGE)).plan(Advice.COLD).reads())
                .isEmpty();
    }

    @Test
    void theOverviewHasTheQuickVerbs() {
        SelectionPlan plan = memory.mappings().anonymous().plan();
        assertThat(plan.verbs())
                .extracting(VerbPlan::verb)
                .containsExactly("PAGEOUT", "COLD", "WILLNEED", "nodes()", "residency()");
        assertThat(plan.verbs())
                .allSatisfy(verb -> assertThat(verb.askedBytes()).isEqualTo(16 * MiB));
        assertThat(plan)
                .asString()
                .startsWith("mappings: anonymous of process 4711\n  PAGEOUT: reads /proc/PID/maps, /proc/swaps, ")
                .contains("\n  COLD: reads /proc/PID/maps; calls process_madvise 1 time for 1 range, 16 MiB\n")
                .contains("\n  nodes(): reads /proc/PID/maps; calls move_pages 1 time for 1 range, 16 MiB\n");
        assertThat(kernel.count(Syscall.PROCESS_MADVISE)).isZero();
        assertThat(kernel.count(Syscall.MOVE_PAGES)).isZero();
    }

    /** The guard is for what acts. */
    @Test
    void whatOnlyLooksReadsNothingForAGuard() {
        SelectionPlan guarded =
                memory.mappings().unlessChanged(memory.addressSpace()).plan();
        SelectionPlan plan = memory.mappings().plan();
        for (int i : new int[] {3, 4}) {
            assertThat(guarded.verbs().get(i)).isEqualTo(plan.verbs().get(i));
        }
        assertThat(plan.verbs().getLast().call()).as("it cannot scan").startsWith("pread64");
        assertThat(plan.verbs().getLast().reads()).containsExactly("/proc/PID/maps", "/proc/PID/maps");
    }

    @Test
    void entriesOfPagesAreReadInPortions() {
        kernel.map(BASE + GiB, 65 * MiB, SimulatedKernel.Kind.PLAIN);
        VerbPlan residency = memory.mappings().plan().verbs().getLast();
        assertThat(residency.call()).startsWith("pread64");
        assertThat(residency.calls()).as("8192 pages each").isEqualTo(1 + 3);
    }

    @Test
    void nothingSelectedIsNothingToDo() {
        VerbPlan plan = memory.mappings().named("/no/such/file").plan(Advice.COLD);
        assertThat(plan.calls()).isZero();
        assertThat(plan.asked()).isEmpty();
    }

    @Test
    void aProcessThatHasEndedHasNoPlan() {
        kernel.exited = true;
        assertThatExceptionOfType(NoSuchProcessException.class)
                .isThrownBy(() -> memory.mappings().plan());
    }

    @Test
    void whoMayNotReadIsTold() {
        kernel.refusals.put("maps", Linux.EACCES());
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> memory.mappings().plan(Advice.COLD));
    }
}
