package dev.remora;

import static dev.remora.addressspace.ByteSize.GiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.syscall.Syscall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A selection of ranges that is used again and again. */
final class RepeatedAdviceTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long BASE = 0x10_0000_0000L;
    private static final int MANY = 2500;

    private final SimulatedKernel kernel = new SimulatedKernel();
    private final RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel);
    private final RangeSelection selection = memory.ranges(everyOtherPage());

    private List<MemoryRange> everyOtherPage() {
        List<MemoryRange> ranges = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            ranges.add(MemoryRange.of(address(i), PAGE));
            kernel.map(address(i), PAGE, SimulatedKernel.Kind.PLAIN);
        }
        return ranges;
    }

    private static long address(int index) {
        return BASE + 2 * PAGE * index;
    }

    @AfterEach
    void close() {
        memory.close();
        var _ = Thread.interrupted();
    }

    private void useTwice() {
        AdviceOutcome first = selection.markCold();
        AdviceOutcome second = selection.markCold();
        assertThat(first.complete()).isTrue();
        assertThat(second).isEqualTo(first);
        kernel.effects().clear();
    }

    @ParameterizedTest
    @EnumSource(Advice.class)
    void theKernelIsAskedForTheSameEachTime(Advice advice) {
        List<Integer> calls = new ArrayList<>();
        List<List<SimulatedKernel.Effect>> effects = new ArrayList<>();
        List<AdviceOutcome> outcomes = new ArrayList<>();
        for (int use = 0; use < 4; use++) {
            int before = kernel.count(Syscall.PROCESS_MADVISE);
            outcomes.add(selection.advise(advice));
            calls.add(kernel.count(Syscall.PROCESS_MADVISE) - before);
            effects.add(List.copyOf(kernel.effects()));
            kernel.effects().clear();
        }
        assertThat(calls).containsOnly(calls.getFirst());
        assertThat(effects).containsOnly(effects.getFirst());
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome.parts())
                        .containsExactlyElementsOf(outcomes.getFirst().parts()));
    }

    @Test
    void theSameAdviceHasTheSameOutcome() {
        useTwice();
        assertThat(selection.markCold()).isSameAs(selection.markCold());
        assertThat(kernel.effects()).hasSize(2 * MANY);
        assertThat(selection.prefetch().advice()).isEqualTo(Advice.WILLNEED);
        assertThat(selection.prefetch().advice()).isEqualTo(Advice.WILLNEED);
        assertThat(selection.prefetch().advice()).isEqualTo(Advice.WILLNEED);
        assertThat(selection.markCold().advice()).isEqualTo(Advice.COLD);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1023, 1024, 1025, 2048, MANY - 1})
    void whatIsRefusedLaterIsToldAsInTheFirstUse(int index) {
        useTwice();
        kernel.unmap(address(index));
        AdviceOutcome outcome = selection.markCold();
        assertThat(kernel.effects()).hasSize(MANY - 1).doesNotHaveDuplicates();
        assertThat(outcome.parts())
                .containsExactlyElementsOf(
                        memory.ranges(selectionRanges()).markCold().parts());
        assertThat(outcome.skipped())
                .containsExactly(new RangeOutcome.Skipped(
                        MemoryRange.of(address(index), PAGE), SkipReason.HOLE, Linux.ENOMEM()));
        kernel.map(address(index), PAGE, SimulatedKernel.Kind.PLAIN);
        assertThat(selection.markCold().complete()).isTrue();
    }

    private static List<MemoryRange> selectionRanges() {
        List<MemoryRange> ranges = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            ranges.add(MemoryRange.of(address(i), PAGE));
        }
        return ranges;
    }

    @Test
    void anEndedProcessIsGone() {
        useTwice();
        kernel.exited = true;
        AdviceOutcome outcome = selection.markCold();
        assertThat(outcome).isInstanceOf(AdviceOutcome.ProcessGone.class);
        assertThat(outcome.notReachedBytes()).isEqualTo(MANY * PAGE);
    }

    @Test
    void aRightThatIsLostIsNamed() {
        useTwice();
        var _ = kernel.fail(Syscall.PROCESS_MADVISE, Linux.EPERM());
        var _ = kernel.fail(Syscall.PROCESS_MADVISE, Linux.EPERM());
        assertThatExceptionOfType(PermissionDeniedException.class).isThrownBy(selection::markCold);
        assertThat(selection.markCold().complete()).isTrue();
    }

    @Test
    void closingMeanwhileLosesNothing() {
        useTwice();
        kernel.unmap(address(2000));
        kernel.beforeAdvice = memory::close;
        AdviceOutcome outcome = selection.markCold();
        assertThat(outcome.advisedBytes()).isEqualTo((MANY - 1) * PAGE);
        assertThat(outcome.skippedBytes()).isEqualTo(PAGE);
    }

    @Test
    void severalThreadsMayUseItAtOnce() {
        useTwice();
        List<CompletableFuture<AdviceOutcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            outcomes.add(CompletableFuture.supplyAsync(
                    selection::markCold, task -> Thread.ofPlatform().start(task)));
        }
        assertThat(outcomes)
                .allSatisfy(outcome ->
                        assertThat(outcome.get(20, TimeUnit.SECONDS).complete()).isTrue());
        assertThat(kernel.effects()).hasSize(4 * MANY);
    }

    @Test
    void aClosedMemoryIsRefused() {
        useTwice();
        memory.close();
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(selection::markCold);
        assertThat(kernel.effects()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1024, 2048})
    void interruptionIsHonouredBeforeEachCall(int done) {
        useTwice();
        if (done == 0) {
            Thread.currentThread().interrupt();
        }
        kernel.beforeAdvice = () -> {
            if (kernel.effects().size() == done - 1024) {
                Thread.currentThread().interrupt();
            }
        };
        AdviceOutcome outcome = selection.markCold();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome).isInstanceOf(AdviceOutcome.Stopped.class);
        assertThat(outcome.advisedBytes()).isEqualTo(done * PAGE);
        assertThat(outcome.requestedBytes()).isEqualTo(MANY * PAGE);
        assertThat(kernel.effects()).hasSize(done);
    }

    @Test
    void rangesThatAreTooLargeForACallAreCutEachTime() {
        kernel.map(BASE + GiB, 5 * GiB, SimulatedKernel.Kind.PLAIN);
        RangeSelection large = memory.ranges(MemoryRange.of(BASE + GiB, 5 * GiB));
        for (int use = 0; use < 4; use++) {
            kernel.effects().clear();
            assertThat(large.markCold().advisedBytes()).isEqualTo(5 * GiB);
            assertThat(kernel.effects()).hasSize(3);
        }
    }
}
