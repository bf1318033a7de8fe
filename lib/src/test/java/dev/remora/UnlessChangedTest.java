package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.NodeSet;
import dev.remora.syscall.Syscall;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verbs that act only on what was seen, without a real process. */
final class UnlessChangedTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long BASE = 0x10_0000_0000L;
    private static final MemoryRange FIRST = MemoryRange.of(BASE, MiB);
    private static final MemoryRange SECOND = MemoryRange.of(BASE + 2 * MiB, MiB);
    private static final MemoryRange HOLE = MemoryRange.of(BASE + MiB, MiB);

    private final SimulatedKernel kernel = new SimulatedKernel()
            .map(FIRST.address(), MiB, SimulatedKernel.Kind.PLAIN)
            .map(SECOND.address(), MiB, SimulatedKernel.Kind.PLAIN);
    private final RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel);
    private final AddressSpace before = memory.addressSpace();

    @AfterEach
    void closeAll() {
        memory.close();
        assertThat(kernel.openFiles()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Advice.class)
    void whatIsUnchangedIsAdvisedAsEver(Advice advice) {
        AdviceOutcome usual = memory.ranges(SECOND, FIRST).advise(advice);
        AdviceOutcome guarded =
                memory.ranges(SECOND, FIRST).unlessChanged(before).advise(advice);
        assertThat(guarded).hasSameClassAs(usual);
        assertThat(guarded.parts()).containsExactlyElementsOf(usual.parts());
        assertThat(memory.mappings().unlessChanged(before).advise(advice).parts())
                .containsExactlyElementsOf(memory.mappings().advise(advice).parts());
    }

    @Test
    void holesThatWereSeenAreNoChange() {
        AdviceOutcome outcome = memory.ranges(MemoryRange.between(FIRST.address(), SECOND.end()))
                .unlessChanged(before)
                .markCold();
        assertThat(outcome.skipped()).containsExactly(new RangeOutcome.Skipped(HOLE, SkipReason.HOLE, Linux.ENOMEM()));
    }

    @Test
    void whatHasChangedBeforeIsLeftAlone() {
        kernel.unmap(SECOND.address());
        AdviceOutcome outcome =
                memory.ranges(SECOND, FIRST).unlessChanged(before).markCold();
        assertThat(outcome)
                .isEqualTo(new AdviceOutcome.LayoutChanged(
                        Advice.COLD,
                        List.of(new RangeOutcome.NotReached(SECOND), new RangeOutcome.NotReached(FIRST)),
                        2 * MiB,
                        List.of(SECOND)));
        assertThat(outcome.complete()).isFalse();
        assertThat(outcome)
                .asString()
                .startsWith("COLD of 2 MiB: nothing was done, the layout changed in " + SECOND + "\n");
        assertThat(kernel.count(Syscall.PROCESS_MADVISE)).isZero();
    }

    @Test
    void aChangeElsewhereDoesNotMatter() {
        kernel.unmap(SECOND.address());
        assertThat(memory.ranges(FIRST).unlessChanged(before).markCold().complete())
                .isTrue();
    }

    @Test
    void aMappingThatIsNewIsAChange() {
        kernel.map(HOLE.address(), PAGE, SimulatedKernel.Kind.PLAIN);
        assertThat(memory.mappings().anonymous().unlessChanged(before).markCold())
                .isInstanceOfSatisfying(
                        AdviceOutcome.LayoutChanged.class,
                        outcome -> assertThat(outcome.changed()).containsExactly(MemoryRange.of(HOLE.address(), PAGE)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void whatChangesMeanwhileIsInDoubt(int threads) {
        kernel.beforeAdvice = () -> kernel.map(SECOND.address(), MiB, SimulatedKernel.Kind.PLAIN, "[heap]");
        AdviceOutcome outcome = memory.ranges(FIRST, SECOND)
                .unlessChanged(before)
                .inParallel(threads)
                .measured()
                .markCold();
        assertThat(outcome).isInstanceOfSatisfying(AdviceOutcome.InDoubt.class, doubt -> {
            assertThat(doubt.doubtful()).containsExactly(SECOND);
            assertThat(doubt.outcome()).isInstanceOf(AdviceOutcome.Complete.class);
            assertThat(doubt.parts()).isEqualTo(doubt.outcome().parts());
            assertThat(doubt.advisedBytes()).isEqualTo(2 * MiB);
            assertThat(doubt.effect()).isPresent();
        });
        assertThat(outcome.complete()).isFalse();
        assertThat(outcome).asString().contains("all advised; meanwhile the layout changed in " + SECOND);
    }

    @Test
    void ofAProcessThatEndsMeanwhileNothingIsKnown() {
        kernel.beforeAdvice = () -> kernel.exited = kernel.effects().size() == 1;
        AdviceOutcome outcome = memory.ranges(FIRST, SECOND)
                .unlessChanged(before)
                .batchesOf(MiB)
                .markCold();
        assertThat(outcome).isInstanceOfSatisfying(AdviceOutcome.InDoubt.class, doubt -> {
            assertThat(doubt.outcome()).isInstanceOf(AdviceOutcome.ProcessGone.class);
            assertThat(doubt.doubtful()).containsExactly(FIRST, SECOND);
        });
    }

    @Test
    void aProcessThatHasEndedIsGone() {
        kernel.exited = true;
        assertThat(memory.ranges(FIRST).unlessChanged(before).markCold()).isInstanceOf(AdviceOutcome.ProcessGone.class);
        assertThat(memory.ranges(FIRST).unlessChanged(before).moveTo(NodeSet.of(0)))
                .isInstanceOf(MoveOutcome.ProcessGone.class);
    }

    @Test
    void theVerbActsOnWhatWasComparedAndOnNothingElse() {
        kernel.beforeAdvice = () -> kernel.map(HOLE.address(), MiB, SimulatedKernel.Kind.PLAIN);
        AdviceOutcome outcome = memory.mappings().unlessChanged(before).markCold();
        assertThat(outcome.parts()).extracting(RangeOutcome::range).containsExactly(FIRST, SECOND);
        assertThat(outcome).isInstanceOf(AdviceOutcome.Complete.class);
    }

    @Test
    void itIsComparedEachTimeASelectionIsUsed() {
        RangeSelection selection = memory.ranges(FIRST).unlessChanged(before);
        for (int use = 0; use < 4; use++) {
            assertThat(selection.markCold().complete()).isTrue();
        }
        kernel.unmap(FIRST.address());
        assertThat(selection.markCold()).isInstanceOf(AdviceOutcome.LayoutChanged.class);
    }

    @Test
    void pagesAreMovedUnderTheSameCondition() {
        kernel.pages.put(FIRST.address(), 256, 1);
        assertThat(memory.ranges(FIRST)
                        .unlessChanged(before)
                        .moveTo(NodeSet.of(0))
                        .complete())
                .isTrue();
        kernel.unmap(FIRST.address());
        MoveOutcome outcome = memory.ranges(FIRST).unlessChanged(before).moveIncludingSharedTo(NodeSet.of(1));
        assertThat(outcome).isInstanceOfSatisfying(MoveOutcome.LayoutChanged.class, layout -> {
            assertThat(layout.changed()).containsExactly(FIRST);
            assertThat(layout.pages().bytes(PageFate.NOT_ATTEMPTED)).isEqualTo(MiB);
        });
        assertThat(outcome.movedBytes()).isZero();
    }

    @Test
    void whoMayNotReadIsTold() {
        kernel.refusals.put("maps", Linux.EACCES());
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> memory.ranges(FIRST).unlessChanged(before).markCold());
    }

    @Test
    void whatMayNotBeReadAfterwardsIsInDoubt() {
        kernel.beforeAdvice = () -> kernel.refusals.put("maps", Linux.EACCES());
        AdviceOutcome outcome = memory.ranges(FIRST).unlessChanged(before).markCold();
        assertThat(outcome).isInstanceOfSatisfying(AdviceOutcome.InDoubt.class, doubt -> {
            assertThat(doubt.outcome()).isInstanceOf(AdviceOutcome.Complete.class);
            assertThat(doubt.doubtful()).containsExactly(FIRST);
        });
    }

    @Test
    void closingMeanwhileLosesNothing() {
        kernel.beforeAdvice = memory::close;
        assertThat(memory.ranges(FIRST).unlessChanged(before).markCold()).isInstanceOf(AdviceOutcome.Complete.class);
    }

    @Test
    void markingKnowsNoCondition() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> memory.ranges(FIRST).unlessChanged(before).mark())
                .withMessageContaining("without unlessChanged");
    }

    @Test
    void theConditionIsPrinted() {
        assertThat(memory.mappings().anonymous().unlessChanged(before).writable())
                .hasToString("mappings: anonymous, writable of process 4711, unless its layout has changed");
        assertThat(memory.ranges(FIRST).unlessChanged(before))
                .hasToString("1 range, 1 MiB of process 4711, unless its layout has changed");
    }
}
