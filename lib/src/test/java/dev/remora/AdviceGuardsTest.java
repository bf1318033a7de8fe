package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.RangeOutcome.Advised;
import dev.remora.RangeOutcome.Skipped;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.syscall.Syscall;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What advice keeps away from, without a real process. */
final class AdviceGuardsTest {

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

    private static MemoryRange hugePages(int from, int count) {
        return MemoryRange.of(BASE + from * HUGE, count * HUGE);
    }

    private void haveSwap(long bytes) {
        long used = 1_048_576 - bytes / 1024;
        kernel.swap = "Filename\tType\tSize\tUsed\tPriority\n/swap  file  1048576  " + used + "  -2\n";
    }

    private void absent(long address, int pages) {
        for (int i = 0; i < pages; i++) {
            kernel.absent.add(address + i * PAGE);
        }
    }

    private static Skipped skipped(MemoryRange range, SkipReason reason) {
        return new Skipped(range, reason, 0);
    }

    @Test
    void withEnoughSwapNothingIsLookedUp() {
        haveSwap(16 * MiB);
        int opened = kernel.count(Syscall.OPENAT);
        assertThat(memory.ranges(hugePages(0, 8)).pageOut()).isInstanceOf(AdviceOutcome.Complete.class);
        assertThat(kernel.count(Syscall.OPENAT) - opened)
                .as("the swap of the host, and the cgroup with its limit")
                .isEqualTo(7);
    }

    @Test
    void whatIsInRamCountsAndNotWhatIsSelected() {
        haveSwap(4 * MiB);
        absent(BASE, (int) (12 * MiB / PAGE));
        assertThat(memory.ranges(hugePages(0, 8)).pageOut()).isInstanceOf(AdviceOutcome.Complete.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 5 * MiB})
    void withoutEnoughSwapWhatNeedsItIsLeft(long free) {
        haveSwap(free);
        long file = BASE + 64 * MiB;
        kernel.map(file, HUGE, SimulatedKernel.Kind.PLAIN, "/memfd:java_heap (deleted)")
                .map(file + HUGE, HUGE, SimulatedKernel.Kind.PLAIN);
        absent(file + HUGE, (int) (HUGE / PAGE));
        AdviceOutcome outcome =
                memory.ranges(hugePages(1, 2), MemoryRange.of(file, 2 * HUGE)).pageOut();
        assertThat(outcome.parts())
                .containsExactly(
                        skipped(hugePages(1, 2), SkipReason.NO_SWAP),
                        skipped(MemoryRange.of(file, HUGE), SkipReason.NO_SWAP),
                        new Advised(MemoryRange.of(file + HUGE, HUGE)));
        assertThat(outcome).asString().contains("there is not enough room in swap");
    }

    @Test
    void aProcThatShowsProcessesOnlyTellsNothingOfSwap() {
        kernel.swap = "";
        kernel.refusals.put("meminfo", Linux.ENOENT());
        assertThat(memory.ranges(hugePages(0, 8)).pageOut()).isInstanceOf(AdviceOutcome.Complete.class);
    }

    @Test
    void aKernelThatWasBuiltWithoutSwapHasNone() {
        kernel.swap = "";
        assertThat(memory.ranges(hugePages(0, 8)).pageOut().parts())
                .containsExactly(skipped(hugePages(0, 8), SkipReason.NO_SWAP));
    }

    @Test
    void swapThatCannotBeSeenIsNotGuarded() {
        kernel.refusals.put("swaps", Linux.EACCES());
        assertThat(memory.ranges(hugePages(0, 8)).pageOut()).isInstanceOf(AdviceOutcome.Complete.class);
    }

    @Test
    void whatTheCgroupMayHaveInSwapCounts() {
        kernel.swapLimit = "16777216";
        assertThat(memory.ranges(hugePages(0, 8)).pageOut().parts())
                .containsExactly(skipped(hugePages(0, 8), SkipReason.NO_SWAP));
        kernel.swapLimit = "17825792";
        assertThat(memory.ranges(hugePages(0, 8)).pageOut()).isInstanceOf(AdviceOutcome.Complete.class);
        kernel.swapLimit = "max";
        assertThat(memory.ranges(hugePages(0, 8)).pageOut()).isInstanceOf(AdviceOutcome.Complete.class);
    }

    @Test
    void holesAreStillFoundWithoutSwap() {
        haveSwap(0);
        AdviceOutcome outcome =
                memory.ranges(MemoryRange.of(BASE + 15 * MiB, 3 * MiB)).pageOut();
        assertThat(outcome.parts())
                .containsExactly(
                        skipped(MemoryRange.of(BASE + 15 * MiB, MiB), SkipReason.NO_SWAP),
                        new Skipped(MemoryRange.of(BASE + 16 * MiB, 2 * MiB), SkipReason.HOLE, Linux.ENOMEM()));
    }

    @Test
    void whatHasNoRoomInSwapCanBeMarkedCold() {
        haveSwap(0);
        kernel.map(BASE + 16 * MiB, HUGE, SimulatedKernel.Kind.LOCKED);
        AdviceOutcome outcome =
                memory.ranges(hugePages(7, 2)).swapGuard(SwapGuard.MARK_COLD).pageOut();
        assertThat(outcome.parts())
                .containsExactly(
                        skipped(hugePages(7, 1), SkipReason.COLD_INSTEAD), skipped(hugePages(8, 1), SkipReason.LOCKED));
        assertThat(kernel.effects())
                .containsExactly(new SimulatedKernel.Effect(Linux.MADV_COLD(), BASE + 7 * HUGE, HUGE));
    }

    @Test
    void whatIsMarkedColdInsteadKeepsThePace() {
        haveSwap(0);
        long start = System.nanoTime();
        assertThat(memory.ranges(hugePages(0, 8))
                        .swapGuard(SwapGuard.MARK_COLD)
                        .pacedAt(16 * MiB)
                        .pageOut()
                        .parts())
                .containsExactly(skipped(hugePages(0, 8), SkipReason.COLD_INSTEAD));
        assertThat(System.nanoTime() - start).isGreaterThan(800_000_000L);
    }

    @Test
    void theGuardCanBeTurnedOff() {
        haveSwap(0);
        assertThat(memory.ranges(hugePages(0, 8)).swapGuard(SwapGuard.OFF).pageOut())
                .isInstanceOf(AdviceOutcome.Complete.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Advice.class,
            names = {"COLD", "WILLNEED", "COLLAPSE"})
    void otherAdviceNeedsNoSwap(Advice advice) {
        haveSwap(0);
        assertThat(memory.ranges(hugePages(0, 8)).advise(advice)).isInstanceOf(AdviceOutcome.Complete.class);
    }

    @Test
    void severalThreadsLeaveTheSame() {
        haveSwap(0);
        kernel.map(BASE + 64 * MiB, 16 * MiB, SimulatedKernel.Kind.PLAIN);
        absent(BASE + 64 * MiB, (int) (16 * MiB / PAGE));
        MemoryRange[] ranges = {hugePages(1, 3), MemoryRange.of(BASE + 60 * MiB, 20 * MiB), hugePages(0, 8)};
        assertThat(memory.ranges(ranges).inParallel(3).pageOut().parts())
                .containsExactlyElementsOf(memory.ranges(ranges).pageOut().parts());
    }

    @Test
    void onlyWholeWindowsAreCollapsed() {
        MemoryRange odd = MemoryRange.of(BASE + PAGE, 2 * HUGE);
        AdviceOutcome outcome =
                memory.ranges(odd, MemoryRange.of(BASE, 3 * PAGE)).collapse();
        assertThat(outcome.parts())
                .containsExactly(
                        skipped(MemoryRange.of(BASE + PAGE, HUGE - PAGE), SkipReason.NO_HUGE_PAGE),
                        new Advised(hugePages(1, 1)),
                        skipped(MemoryRange.of(BASE + 2 * HUGE, PAGE), SkipReason.NO_HUGE_PAGE),
                        skipped(MemoryRange.of(BASE, 3 * PAGE), SkipReason.NO_HUGE_PAGE));
    }

    @Test
    void windowsOfWhichTooLittleIsInRamAreLeft() {
        absent(BASE + HUGE, 51);
        absent(BASE + 2 * HUGE, 52);
        absent(BASE + 3 * HUGE, 512);
        assertThat(memory.ranges(hugePages(0, 8)).collapse().parts())
                .containsExactly(
                        new Advised(hugePages(0, 2)),
                        skipped(hugePages(2, 2), SkipReason.TOO_LITTLE_IN_RAM),
                        new Advised(hugePages(4, 4)));
    }

    @Test
    void theProcessGrowsWithinTheLimit() {
        for (int i = 0; i < 8; i++) {
            absent(BASE + i * HUGE, 10);
        }
        assertThat(memory.ranges(hugePages(0, 8))
                        .collapseLimits(new CollapseLimits(50, 35 * PAGE))
                        .collapse()
                        .parts())
                .containsExactly(new Advised(hugePages(0, 3)), skipped(hugePages(3, 5), SkipReason.GROWTH_LIMIT));
    }

    /** So many that they are looked at in several portions, some of which the kernel hands out in parts. */
    @Test
    void manyWindowsArePlannedAlike() {
        long many = BASE + 1024 * MiB;
        kernel.map(many, 200 * HUGE, SimulatedKernel.Kind.PLAIN);
        absent(many + 70 * HUGE, 512);
        absent(many + 130 * HUGE, 100);
        absent(many + 199 * HUGE, 512);
        kernel.pagemapPortion = 100_000;
        assertThat(memory.ranges(MemoryRange.of(many, 200 * HUGE)).collapse().parts())
                .containsExactly(
                        new Advised(MemoryRange.of(many, 70 * HUGE)),
                        skipped(MemoryRange.of(many + 70 * HUGE, HUGE), SkipReason.TOO_LITTLE_IN_RAM),
                        new Advised(MemoryRange.of(many + 71 * HUGE, 59 * HUGE)),
                        skipped(MemoryRange.of(many + 130 * HUGE, HUGE), SkipReason.TOO_LITTLE_IN_RAM),
                        new Advised(MemoryRange.of(many + 131 * HUGE, 68 * HUGE)),
                        skipped(MemoryRange.of(many + 199 * HUGE, HUGE), SkipReason.TOO_LITTLE_IN_RAM));
    }

    @Test
    void rangesThatTouchStayApart() {
        absent(BASE, (int) (16 * MiB / PAGE));
        assertThat(memory.ranges(hugePages(0, 2), hugePages(2, 2)).collapse().parts())
                .containsExactly(
                        skipped(hugePages(0, 2), SkipReason.TOO_LITTLE_IN_RAM),
                        skipped(hugePages(2, 2), SkipReason.TOO_LITTLE_IN_RAM));
    }

    @Test
    void whatIsInterruptedIsNotPlannedToItsEnd() {
        Thread.currentThread().interrupt();
        AdviceOutcome outcome = memory.ranges(hugePages(0, 8)).collapse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome).isInstanceOf(AdviceOutcome.Stopped.class);
        assertThat(outcome.parts()).containsExactly(new RangeOutcome.NotReached(hugePages(0, 8)));
        assertThat(kernel.count(Syscall.PREAD64))
                .as("smaps is found to be whole, twice")
                .isEqualTo(2);
    }

    @Test
    void limitsAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CollapseLimits(0, 0))
                .withMessageContaining("1 to 100");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CollapseLimits(101, 0))
                .withMessageContaining("101");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CollapseLimits(1, -1))
                .withMessageContaining("-1");
    }

    @Test
    void anEffectIsThereWhereItWasMeasured() {
        assertThat(memory.ranges(hugePages(0, 1)).markCold().effect()).isEmpty();
        assertThat(memory.ranges(hugePages(0, 1)).measured().markCold().effect())
                .hasValueSatisfying(effect -> {
                    assertThat(effect.before())
                            .as("of the whole mapping")
                            .isEqualTo(new MemoryUse(16 * MiB, 0, 0, 0, 0));
                    assertThat(effect.leftRamBytes()).isZero();
                    assertThat(effect.swapUsedBytes()).hasValue(0);
                });
        assertThat(memory.ranges(hugePages(0, 1)).collapse().effect()).isPresent();
    }
}
