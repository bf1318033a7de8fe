package dev.remora;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.KiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.remora.addressspace.MemoryRange;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.RequiresSwap;
import dev.remora.preconditions.Skip;
import dev.remora.procfs.HostFiles;
import dev.remora.procfs.HostSwap;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.syscall.LinuxKernel;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What advice does to a real process, and what it says of that. */
@Tag("kernel")
@RequiresRightToAdvise
final class MeasuredAdviceKernelTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    @RequiresSwap
    void whatLeavesRamIsMeasured(int threads) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(48 * MiB);
            child.touch(range);
            AdviceOutcome outcome =
                    memory.ranges(range).measured().inParallel(threads).pageOut();
            assertThat(outcome).isInstanceOf(AdviceOutcome.Complete.class);
            AdviceEffect effect = outcome.effect().orElseThrow();
            assertThat(effect.before().anonymousBytes()).isCloseTo(48 * MiB, within(MiB));
            assertThat(effect.leftRamBytes()).isCloseTo(48 * MiB, within(8 * MiB));
            assertThat(effect.swappedOutBytes()).isCloseTo(effect.leftRamBytes(), within(MiB));
            assertThat(effect.after().residentBytes())
                    .isEqualTo(effect.before().residentBytes() - effect.leftRamBytes());
            assertThat(effect.elapsed()).isPositive();
            assertThat(effect.cpuTime()).isPositive();
            long resident = SmapsOfMapping.of(memory.pid(), range).residentBytes();
            assertThat(resident).isCloseTo(effect.after().residentBytes(), within(4 * MiB));
        }
    }

    @Test
    @RequiresSwap
    void memoryForWhichSwapIsTooSmallIsLeftOrMarkedCold() {
        long free = freeSwap();
        Skip.unless(free < GiB, "the swap of this host is too large to be found too small");
        Skip.unless(availableMemory() > free + GiB, "this host has too little RAM for more than its swap can take");
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange large = child.map(free + 32 * MiB & -MiB);
            child.touch(large);
            AdviceOutcome left = memory.ranges(large).measured().pageOut();
            Skip.unless(freeSwap() < large.byteSize(), "somebody else makes room in the swap of this host");
            assertThat(left.parts()).containsExactly(new RangeOutcome.Skipped(large, SkipReason.NO_SWAP, 0));
            assertThat(left.effect().orElseThrow().leftRamBytes()).isLessThan(MiB);
            assertThat(memory.ranges(large)
                            .swapGuard(SwapGuard.MARK_COLD)
                            .pageOut()
                            .parts())
                    .containsExactly(new RangeOutcome.Skipped(large, SkipReason.COLD_INSTEAD, 0));
        }
    }

    @Test
    @RequiresSwap
    void whereSwapIsFullNothingIsPagedOut() {
        long free = freeSwap();
        Skip.unless(free < GiB, "the swap of this host is too large to be filled");
        Skip.unless(availableMemory() > 2 * free + GiB, "this host has too little RAM for its swap to be filled");
        try (SandboxedProcess filler = SandboxedProcess.start();
                RemoteMemory filling = RemoteMemory.open(filler.handle());
                SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(32 * MiB);
            child.touch(range);
            MemoryRange large = filler.map(free + 32 * MiB & -MiB);
            filler.touch(large);
            var _ = filling.ranges(large).swapGuard(SwapGuard.OFF).pageOut();
            child.touch(range);
            Skip.unless(freeSwap() < 32 * MiB, "somebody else makes room in the swap of this host");
            AdviceOutcome left = memory.ranges(range).measured().pageOut();
            assertThat(left.parts()).containsExactly(new RangeOutcome.Skipped(range, SkipReason.NO_SWAP, 0));
            assertThat(left.effect().orElseThrow().leftRamBytes()).isLessThan(MiB);
        }
    }

    private static long availableMemory() {
        String available = new HostFiles(LinuxKernel.instance())
                .text("/proc/meminfo")
                .lines()
                .filter(line -> line.startsWith("MemAvailable:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(available.replaceAll("[^0-9]", "")) * KiB;
    }

    private static long freeSwap() {
        return HostSwap.read(LinuxKernel.instance()).orElseThrow().freeBytes();
    }

    @ParameterizedTest
    @EnumSource(
            value = Advice.class,
            names = {"COLD", "WILLNEED"})
    void severalThreadsMakeTheSameOutcomeOfARealProcess(Advice advice) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange whole = child.map(96 * MiB);
            child.touch(whole);
            child.unmap(MemoryRange.of(whole.address() + 20 * MiB, 3 * MiB));
            child.unmap(MemoryRange.of(whole.address() + 64 * MiB, 4096));
            MemoryRange locked = MemoryRange.of(whole.address() + 40 * MiB, 64 * 1024);
            child.lock(locked);
            MemoryRange[] ranges = {
                whole,
                MemoryRange.of(whole.address() + 19 * MiB, 30 * MiB),
                MemoryRange.of(whole.end() - 4 * MiB, 8 * MiB),
                locked
            };
            AdviceOutcome alone = memory.ranges(ranges).advise(advice);
            assertThat(alone.skipped()).isNotEmpty();
            for (int threads : new int[] {2, 3, 8}) {
                assertThat(memory.ranges(ranges)
                                .inParallel(threads)
                                .advise(advice)
                                .parts())
                        .containsExactlyElementsOf(alone.parts());
            }
        }
    }

    @Test
    void theLimitOfGrowthHoldsAndTheRestIsNamed() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(66 * MiB);
            long hugePage = 2 * MiB;
            long first = range.address() + hugePage - 1 & -hugePage;
            MemoryRange windows = MemoryRange.of(first, 64 * MiB);
            for (int i = 0; i < 32; i++) {
                child.touch(MemoryRange.of(first + i * hugePage, 3 * MiB / 2));
            }
            AdviceOutcome usual = memory.ranges(windows).collapse();
            assertThat(usual.parts())
                    .as("three quarters are not nine tenths")
                    .containsExactly(new RangeOutcome.Skipped(windows, SkipReason.TOO_LITTLE_IN_RAM, 0));
            AdviceOutcome limited = memory.ranges(windows)
                    .collapseLimits(new CollapseLimits(50, 5 * MiB))
                    .collapse();
            AdviceEffect effect = limited.effect().orElseThrow();
            assertThat(effect.growthBytes()).isLessThanOrEqualTo(5 * MiB);
            assertThat(limited.advisedBytes()).as(limited.toString()).isEqualTo(20 * MiB);
            assertThat(effect.after().hugeBytes()).isEqualTo(20 * MiB);
            assertThat(limited.skipped())
                    .containsExactly(new RangeOutcome.Skipped(
                            MemoryRange.of(first + 20 * MiB, 44 * MiB), SkipReason.GROWTH_LIMIT, 0));
        }
    }

    @Test
    void smallBatchesAndASlowPaceStillMakeWholeHugePages() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(8 * MiB);
            child.touch(range);
            AdviceOutcome outcome = memory.ranges(range)
                    .pacedAt(32 * MiB)
                    .batchesOf(64 * KiB)
                    .inParallel(2)
                    .collapse();
            assertThat(outcome.advisedBytes()).isGreaterThanOrEqualTo(6 * MiB);
            assertThat(outcome.effect().orElseThrow().after().hugeBytes())
                    .as(outcome.toString())
                    .isEqualTo(outcome.advisedBytes());
        }
    }

    @Test
    void memoryThatWasOnlyReadIsNotInRam() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(8 * MiB);
            child.read(range);
            child.touch(MemoryRange.of(range.address(), memory.pageSize()));
            AdviceOutcome outcome = memory.ranges(range)
                    .collapseLimits(new CollapseLimits(100, 0))
                    .collapse();
            assertThat(outcome.advisedBytes()).as(outcome.toString()).isZero();
            assertThat(outcome.effect().orElseThrow().growthBytes()).isZero();
        }
    }

    @Test
    void aPaceIsKeptWithARealProcess() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(64 * MiB);
            child.touch(range);
            assertThat(Await.inTimeOnce(() -> {
                        AdviceOutcome outcome = memory.ranges(range)
                                .measured()
                                .pacedAt(32 * MiB)
                                .markCold();
                        Duration elapsed = outcome.effect().orElseThrow().elapsed();
                        assertThat(elapsed)
                                .as("but for the last batch")
                                .isGreaterThanOrEqualTo(Duration.ofMillis(1800));
                        return elapsed.compareTo(Duration.ofMillis(2200)) <= 0;
                    }))
                    .isTrue();
        }
    }
}
