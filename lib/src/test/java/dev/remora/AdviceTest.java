package dev.remora;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.RangeOutcome.Advised;
import dev.remora.RangeOutcome.NotReached;
import dev.remora.RangeOutcome.Skipped;
import dev.remora.SimulatedKernel.Kind;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.syscall.Syscall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a verb makes of every answer of process_madvise. */
final class AdviceTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long A = 0x10_0000;
    private static final long B = 0x20_0000;
    private static final long HUGE = 2 * MiB;
    private static final long C = 0x30_0000;

    private final SimulatedKernel kernel = new SimulatedKernel();
    private RemoteMemory memory;

    @BeforeEach
    void open() {
        memory = RemoteMemory.open(SimulatedKernel.PID, kernel);
    }

    @AfterEach
    void nothingStaysOpen() {
        memory.close();
        assertThat(kernel.openFiles()).isZero();
    }

    private static MemoryRange pages(long address, long count) {
        return MemoryRange.of(address, count * PAGE);
    }

    private static Skipped skipped(MemoryRange range, SkipReason reason, int errno) {
        return new Skipped(range, reason, errno);
    }

    private int calls() {
        return kernel.count(Syscall.PROCESS_MADVISE);
    }

    @Test
    void everythingAdvisedIsComplete() {
        kernel.map(A, 4 * PAGE, Kind.PLAIN).map(B, 4 * PAGE, Kind.PLAIN);
        AdviceOutcome outcome = memory.ranges(pages(B, 4), pages(A, 2)).markCold();
        assertThat(outcome)
                .isEqualTo(new AdviceOutcome.Complete(
                        Advice.COLD,
                        List.of(new Advised(pages(B, 4)), new Advised(pages(A, 2))),
                        6 * PAGE,
                        Optional.empty()));
        assertThat(outcome.complete()).isTrue();
        assertThat(calls()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Advice.class)
    void eachVerbGivesItsAdvice(Advice advice) {
        kernel.map(B, HUGE, Kind.PLAIN);
        RangeSelection selection = memory.ranges(hugePage(0));
        AdviceOutcome outcome = switch (advice) {
            case COLD -> selection.markCold();
            case PAGEOUT -> selection.pageOut();
            case WILLNEED -> selection.prefetch();
            case COLLAPSE -> selection.collapse();
        };
        assertThat(outcome.advice()).isEqualTo(advice);
        assertThat(kernel.effects()).containsExactly(new SimulatedKernel.Effect(advice.value(), B, HUGE));
        assertThat(selection.advise(advice).parts()).isEqualTo(outcome.parts());
    }

    @Test
    void aHoleIsSkippedAndBothSidesAreAdvised() {
        kernel.map(A, 2 * PAGE, Kind.PLAIN).map(A + 3 * PAGE, PAGE, Kind.PLAIN).map(B, PAGE, Kind.PLAIN);
        AdviceOutcome outcome =
                memory.ranges(pages(B, 1), pages(A, 5), pages(B, 1)).pageOut();
        assertThat(outcome.parts())
                .containsExactly(
                        new Advised(pages(B, 1)),
                        new Advised(pages(A, 2)),
                        skipped(pages(A + 2 * PAGE, 1), SkipReason.HOLE, Linux.ENOMEM()),
                        new Advised(pages(A + 3 * PAGE, 1)),
                        skipped(pages(A + 4 * PAGE, 1), SkipReason.HOLE, Linux.ENOMEM()),
                        new Advised(pages(B, 1)));
        assertThat(outcome).isInstanceOf(AdviceOutcome.Partial.class);
        assertThat(outcome.advisedBytes()).isEqualTo(5 * PAGE);
        assertThat(outcome.skippedBytes()).isEqualTo(2 * PAGE);
        assertThat(outcome.requestedBytes()).isEqualTo(7 * PAGE);
        assertThat(outcome.skipped()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = "PLAIN", mode = EnumSource.Mode.EXCLUDE)
    void whatRefusesIsSkippedWithItsReasonAndTheRestIsAdvised(Kind kind) {
        kernel.map(A, 2 * PAGE, Kind.PLAIN).map(A + 2 * PAGE, PAGE, kind).map(A + 3 * PAGE, 2 * PAGE, Kind.PLAIN);
        SkipReason reason = switch (kind) {
            case LOCKED -> SkipReason.LOCKED;
            case HUGETLB -> SkipReason.HUGETLB;
            default -> SkipReason.SPECIAL_MAPPING;
        };
        assertThat(memory.ranges(pages(A, 5)).pageOut().parts())
                .containsExactly(
                        new Advised(pages(A, 2)),
                        skipped(pages(A + 2 * PAGE, 1), reason, Linux.EINVAL()),
                        new Advised(pages(A + 3 * PAGE, 2)));
    }

    @Test
    void theLayoutAndTheFlagsAreReadAFewTimesHoweverMuchIsRefused() {
        List<MemoryRange> ranges = new ArrayList<>();
        for (long i = 0; i < 3000; i++) {
            kernel.map(A + 2 * i * PAGE, PAGE, i % 2 == 0 ? Kind.PLAIN : Kind.LOCKED);
            ranges.add(pages(A + 2 * i * PAGE, 1));
        }
        int opened = kernel.count(Syscall.OPENAT);
        AdviceOutcome outcome = memory.ranges(ranges).markCold();
        assertThat(outcome.advisedBytes()).isEqualTo(1500 * PAGE);
        assertThat(outcome.skipped()).hasSize(1500).allMatch(s -> s.reason() == SkipReason.LOCKED);
        assertThat(kernel.count(Syscall.OPENAT) - opened).isBetween(2, 50);
    }

    @Test
    void anErrorThatHidesProgressLosesNothing() {
        kernel.hidesProgress = true;
        List<MemoryRange> ranges = new ArrayList<>();
        for (long i = 0; i < 500; i++) {
            kernel.map(A + 2 * i * PAGE, PAGE, i == 300 || i == 301 ? Kind.LOCKED : Kind.PLAIN);
            ranges.add(pages(A + 2 * i * PAGE, 1));
        }
        AdviceOutcome outcome = memory.ranges(ranges).markCold();
        assertThat(outcome.advisedBytes()).isEqualTo(498 * PAGE);
        assertThat(outcome.skipped()).hasSize(2);
        assertThat(calls()).isLessThan(60);
    }

    @Test
    void moreThan1024RangesTakeSeveralCalls() {
        List<MemoryRange> ranges = new ArrayList<>();
        for (long i = 0; i < 1025; i++) {
            kernel.map(A + 2 * i * PAGE, PAGE, Kind.PLAIN);
            ranges.add(pages(A + 2 * i * PAGE, 1));
        }
        assertThat(memory.ranges(ranges).markCold().advisedBytes()).isEqualTo(1025 * PAGE);
        assertThat(calls()).isEqualTo(2);
    }

    @Test
    void moreThanTwoGibibytesTakeSeveralCallsAndStayOnePart() {
        kernel.map(A, 10 * GiB, Kind.PLAIN);
        AdviceOutcome outcome = memory.ranges(MemoryRange.of(A, 10 * GiB)).markCold();
        assertThat(outcome.parts()).containsExactly(new Advised(MemoryRange.of(A, 10 * GiB)));
        assertThat(calls()).isEqualTo(6);
        assertThat(kernel.effects().stream()
                        .mapToLong(SimulatedKernel.Effect::byteSize)
                        .sum())
                .isEqualTo(10 * GiB);
    }

    private static MemoryRange hugePage(int index) {
        return MemoryRange.of(B + index * HUGE, HUGE);
    }

    /** The most that a call takes, but no part of a huge page. */
    private static long endOfPiece(long address) {
        return address + 0x7fff_f000L & -2 * MiB;
    }

    @Test
    void aRangeIsCutOnlyIfItIsTooLargeForACallOfItsOwn() {
        kernel.map(A, 5 * GiB, Kind.PLAIN);
        MemoryRange small = pages(A, 1);
        MemoryRange large = MemoryRange.of(A + GiB, 3 * GiB);
        assertThat(memory.ranges(small, large).markCold().complete()).isTrue();
        assertThat(kernel.effects())
                .extracting(SimulatedKernel.Effect::address)
                .containsExactly(small.address(), large.address(), endOfPiece(large.address()));
        assertThat(calls()).isEqualTo(3);
    }

    @Test
    void aProcessThatGoesMidwayIsAnOutcomeWithWhatWasDone() {
        kernel.map(A, 5 * GiB, Kind.PLAIN).map(B + 6 * GiB, PAGE, Kind.PLAIN);
        kernel.beforeAdvice = () -> kernel.exited = calls() > 2;
        AdviceOutcome outcome =
                memory.ranges(MemoryRange.of(A, 5 * GiB), pages(B + 6 * GiB, 1)).pageOut();
        long done = endOfPiece(endOfPiece(A)) - A;
        assertThat(outcome).isInstanceOf(AdviceOutcome.ProcessGone.class);
        assertThat(outcome.parts())
                .containsExactly(
                        new Advised(MemoryRange.of(A, done)),
                        new NotReached(MemoryRange.of(A + done, 5 * GiB - done)),
                        new NotReached(pages(B + 6 * GiB, 1)));
        assertThat(outcome.requestedBytes()).isEqualTo(5 * GiB + PAGE);
        assertThat(outcome.complete()).isFalse();
    }

    @Test
    void aProcessThatGoesWhileItsHolesAreLookedUpIsGone() {
        kernel.map(A, PAGE, Kind.PLAIN);
        kernel.script(Syscall.PROCESS_MADVISE, () -> -Linux.ENOMEM());
        RangeSelection selection = memory.ranges(pages(A, 2));
        kernel.script(Syscall.OPENAT, () -> {
            kernel.exited = true;
            return -Linux.ESRCH();
        });
        assertThat(selection.pageOut().parts()).containsExactly(new NotReached(pages(A, 2)));
    }

    @Test
    void aProcessThatGoesWhileItsFlagsAreReadIsGone() {
        kernel.map(A, PAGE, Kind.LOCKED);
        kernel.script(Syscall.PREAD64, () -> 1);
        kernel.script(Syscall.PREAD64, () -> {
            kernel.exited = true;
            return 0;
        });
        assertThat(memory.ranges(pages(A, 1)).pageOut().parts()).containsExactly(new NotReached(pages(A, 1)));
    }

    @Test
    void aListOfMappingsThatIsCutShortByTheEndIsNotTakenForTheWhole() {
        kernel.map(A, PAGE, Kind.PLAIN);
        kernel.script(Syscall.PREAD64, () -> {
            kernel.exited = true;
            return 0;
        });
        assertThatThrownBy(memory::addressSpace)
                .isInstanceOf(NoSuchProcessException.class)
                .hasMessageContaining("has ended or is ending");
        assertThat(memory.mappings().pageOut()).isInstanceOf(AdviceOutcome.ProcessGone.class);
    }

    @Test
    void aListThatIsCutShortByRunningAnotherProgramIsReadAgain() {
        kernel.map(A, PAGE, Kind.PLAIN).map(B, PAGE, Kind.PLAIN);
        kernel.script(Syscall.PREAD64, () -> {
            kernel.unmap(A);
            return 0;
        });
        assertThat(memory.mappings().pageOut().parts()).containsExactly(new Advised(pages(B, 1)));
        kernel.script(Syscall.PREAD64, () -> 0).script(Syscall.PREAD64, () -> 0);
        assertThat(memory.addressSpace()).hasSize(1);
    }

    @Test
    void aProcessThatIsGoneBeforeTheFirstCallIsAnOutcomeToo() {
        kernel.exited = true;
        assertThat(memory.ranges(pages(A, 1)).pageOut())
                .isEqualTo(new AdviceOutcome.ProcessGone(
                        Advice.PAGEOUT, List.of(new NotReached(pages(A, 1))), 0, 0, PAGE));
        assertThat(memory.mappings().pageOut()).isInstanceOf(AdviceOutcome.ProcessGone.class);
        assertThatThrownBy(memory::addressSpace).isInstanceOf(NoSuchProcessException.class);
    }

    @Test
    void eaccesIsHowTheKernelRefusesWhoMayNotReadTheProcess() {
        kernel.map(A, PAGE, Kind.PLAIN).fail(Syscall.PROCESS_MADVISE, Linux.EACCES());
        assertThatThrownBy(() -> memory.ranges(pages(A, 1)).pageOut().complete())
                .isInstanceOf(PermissionDeniedException.class)
                .hasMessageContaining("EACCES");
    }

    @Test
    void epermAtFirstIsAnExceptionThatNamesTheRight() {
        kernel.map(A, PAGE, Kind.PLAIN).fail(Syscall.PROCESS_MADVISE, Linux.EPERM());
        assertThatThrownBy(() -> memory.ranges(pages(A, 1)).pageOut().complete())
                .isInstanceOf(PermissionDeniedException.class)
                .hasMessageContaining("process 4711")
                .hasMessageContaining("PAGEOUT")
                .hasMessageContaining("EPERM")
                .hasMessageContaining("CAP_SYS_NICE");
    }

    @Test
    void epermMidwayIsAnOutcomeWithWhatWasDone() {
        kernel.map(A, 3 * GiB, Kind.PLAIN).map(B + 4 * GiB, PAGE, Kind.PLAIN);
        kernel.beforeAdvice = () -> {
            if (calls() == 1) {
                kernel.fail(Syscall.PROCESS_MADVISE, Linux.EPERM());
            }
        };
        AdviceOutcome outcome =
                memory.ranges(MemoryRange.of(A, 3 * GiB), pages(B + 4 * GiB, 1)).pageOut();
        long done = endOfPiece(A) - A;
        assertThat(outcome.parts())
                .containsExactly(
                        new Advised(MemoryRange.of(A, done)),
                        skipped(MemoryRange.of(A + done, 3 * GiB - done), SkipReason.NOT_PERMITTED, Linux.EPERM()),
                        skipped(pages(B + 4 * GiB, 1), SkipReason.NOT_PERMITTED, Linux.EPERM()));
    }

    @Test
    void aMissingRightIsNotHiddenByARangeThatNoProcessCanHave() {
        kernel.permitted = false;
        kernel.map(A, PAGE, Kind.PLAIN);
        assertThatThrownBy(() ->
                        memory.ranges(pages(1L << 50, 1), pages(A, 1)).pageOut().complete())
                .isInstanceOf(PermissionDeniedException.class);
    }

    @Test
    void aRangeBeyondTheKernelsUserSpaceIsAHoleAndDoesNotFailTheOthers() {
        kernel.map(A, PAGE, Kind.PLAIN).map(B, PAGE, Kind.PLAIN);
        assertThat(memory.ranges(pages(A, 1), pages(1L << 50, 1), pages(B, 1))
                        .pageOut()
                        .parts())
                .containsExactly(
                        new Advised(pages(A, 1)),
                        skipped(pages(1L << 50, 1), SkipReason.HOLE, Linux.EFAULT()),
                        new Advised(pages(B, 1)));
    }

    @Test
    void enosysNamesTheKernel() {
        kernel.fail(Syscall.PROCESS_MADVISE, Linux.ENOSYS());
        assertThatThrownBy(() -> memory.ranges(pages(A, 1)).pageOut().complete())
                .isInstanceOf(UnsupportedKernelException.class)
                .hasMessageContaining("5.10");
    }

    @ParameterizedTest
    @EnumSource(names = {"WILLNEED", "COLLAPSE"})
    void adviceThatTheKernelDoesNotKnowNamesTheFirstThatDoes(Advice advice) {
        kernel.knownAdvice.remove(advice.value());
        kernel.map(B, HUGE, Kind.PLAIN);
        assertThatThrownBy(() -> memory.ranges(hugePage(0)).advise(advice).complete())
                .isInstanceOf(UnsupportedKernelException.class)
                .hasMessageContaining(advice.firstKernel());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 11, 16})
    void whatPassesIsTriedAgain(int errno) {
        kernel.map(B, HUGE, Kind.PLAIN).fail(Syscall.PROCESS_MADVISE, errno).fail(Syscall.PROCESS_MADVISE, errno);
        assertThat(memory.ranges(hugePage(0)).collapse().complete()).isTrue();
        assertThat(calls()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {11, 16})
    void whatStaysBusyIsSkippedAfterABoundAndTheRestIsAdvised(int errno) {
        kernel.map(B, 2 * HUGE, Kind.PLAIN);
        for (int i = 0; i < 5; i++) {
            kernel.fail(Syscall.PROCESS_MADVISE, errno);
        }
        assertThat(memory.ranges(hugePage(0), hugePage(1)).collapse().parts())
                .containsExactly(skipped(hugePage(0), SkipReason.BUSY, errno), new Advised(hugePage(1)));
    }

    @Test
    void aResultOfZeroIsNotTakenForProgress() {
        kernel.map(A, PAGE, Kind.PLAIN);
        for (int i = 0; i < 4; i++) {
            kernel.script(Syscall.PROCESS_MADVISE, () -> 0);
        }
        assertThat(memory.ranges(pages(A, 1)).pageOut().parts())
                .containsExactly(skipped(pages(A, 1), SkipReason.REFUSED, 0));
    }

    @Test
    void enomemOfCollapseIsNoHugePage() {
        kernel.map(B, HUGE, Kind.PLAIN).fail(Syscall.PROCESS_MADVISE, Linux.ENOMEM());
        assertThat(memory.ranges(hugePage(0)).collapse().parts())
                .containsExactly(skipped(hugePage(0), SkipReason.OUT_OF_MEMORY, Linux.ENOMEM()));
    }

    @Test
    void enomemWhereAllIsMappedIsAChangedLayout() {
        kernel.map(A, PAGE, Kind.PLAIN).fail(Syscall.PROCESS_MADVISE, Linux.ENOMEM());
        assertThat(memory.ranges(pages(A, 1)).pageOut().parts())
                .containsExactly(skipped(pages(A, 1), SkipReason.LAYOUT_CHANGED, Linux.ENOMEM()));
    }

    @Test
    void einvalOfCollapseIsMemoryThatCannotBeHuge() {
        kernel.map(B, HUGE, Kind.PLAIN).fail(Syscall.PROCESS_MADVISE, Linux.EINVAL());
        assertThat(memory.ranges(hugePage(0)).collapse().parts())
                .containsExactly(skipped(hugePage(0), SkipReason.NOT_COLLAPSIBLE, Linux.EINVAL()));
    }

    @Test
    void ebadfOfPrefetchIsAKernelWithoutSwap() {
        kernel.map(A, PAGE, Kind.PLAIN).fail(Syscall.PROCESS_MADVISE, Linux.EBADF());
        assertThat(memory.ranges(pages(A, 1)).prefetch().parts())
                .containsExactly(skipped(pages(A, 1), SkipReason.NOT_SUPPORTED, Linux.EBADF()));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 14, 4711})
    void anUnexpectedErrnoIsKept(int errno) {
        kernel.map(A, PAGE, Kind.PLAIN).fail(Syscall.PROCESS_MADVISE, errno);
        AdviceOutcome outcome = memory.ranges(pages(A, 1)).pageOut();
        assertThat(outcome.parts()).containsExactly(skipped(pages(A, 1), SkipReason.REFUSED, errno));
    }

    @Test
    void whatTheReasonsAreReadFromMayBeUnreadable() {
        kernel.map(A, PAGE, Kind.PLAIN).map(A + PAGE, PAGE, Kind.LOCKED);
        kernel.fail(Syscall.OPENAT, Linux.EACCES());
        assertThat(memory.ranges(pages(A, 2)).markCold().parts())
                .containsExactly(skipped(pages(A, 2), SkipReason.REFUSED, Linux.EINVAL()));
    }

    @Test
    void nothingMatchesIsAnOutcome() {
        kernel.map(A, PAGE, Kind.PLAIN);
        AdviceOutcome outcome = memory.mappings().named("nothing").pageOut();
        assertThat(outcome).isEqualTo(new AdviceOutcome.NothingSelected(Advice.PAGEOUT));
        assertThat(outcome.complete()).isTrue();
        assertThat(calls()).isZero();
    }

    @Test
    void memoryOfTheKernelIsNotAskedFor() {
        kernel.map(A, PAGE, Kind.PLAIN)
                .map(B, PAGE, Kind.PAGE_FRAMES, "[vvar]")
                .map(0xffff_ffff_ff60_0000L, PAGE, Kind.PAGE_FRAMES, "[vsyscall]");
        assertThat(memory.mappings().pageOut().parts())
                .containsExactly(
                        new Advised(pages(A, 1)),
                        skipped(pages(B, 1), SkipReason.SPECIAL_MAPPING, 0),
                        skipped(pages(0xffff_ffff_ff60_0000L, 1), SkipReason.SPECIAL_MAPPING, 0));
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void anUnreadableProcessIsAnExceptionThatNamesTheRight() {
        kernel.fail(Syscall.OPENAT, Linux.EACCES());
        assertThatThrownBy(() -> memory.mappings().pageOut().complete())
                .isInstanceOf(PermissionDeniedException.class)
                .hasMessageContaining("/proc/4711/maps")
                .hasMessageContaining("ptrace");
    }

    @Test
    void aSelectionCanBeUsedAgainAndReadsAfresh() {
        kernel.map(A, PAGE, Kind.PLAIN);
        MappingSelection all = memory.mappings().anonymous();
        assertThat(all.markCold().advisedBytes()).isEqualTo(PAGE);
        kernel.map(C, 3 * PAGE, Kind.PLAIN);
        assertThat(all.markCold().advisedBytes()).isEqualTo(4 * PAGE);
    }

    @Test
    void closingWhileAVerbRunsLetsItFinishWithItsReasons() {
        kernel.map(A, 2 * PAGE, Kind.PLAIN).map(A + 3 * PAGE, PAGE, Kind.LOCKED);
        kernel.beforeAdvice = memory::close;
        AdviceOutcome outcome = memory.ranges(pages(A, 4)).pageOut();
        assertThat(outcome.parts())
                .containsExactly(
                        new Advised(pages(A, 2)),
                        skipped(pages(A + 2 * PAGE, 1), SkipReason.HOLE, Linux.ENOMEM()),
                        skipped(pages(A + 3 * PAGE, 1), SkipReason.LOCKED, Linux.EINVAL()));
        assertThat(kernel.openFiles()).isZero();
    }

    @Test
    void badRangesAreRefusedBeforeAnyCallWithWhatToDo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.ranges(MemoryRange.of(A + 1, PAGE)).toString())
                .withMessageContaining("whole pages")
                .withMessageContaining(MemoryRange.of(A, 2 * PAGE).toString());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.ranges(MemoryRange.of(A, PAGE + 1)).toString())
                .withMessageContaining("whole pages");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.ranges(MemoryRange.of(0xffff_8000_0000_0000L, PAGE))
                        .toString())
                .withMessageContaining("user space");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.ranges(MemoryRange.of(1L << 60, PAGE)).toString())
                .withMessageContaining("user space");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.ranges().toString())
                .withMessageContaining("at least one");
        assertThat(calls()).isZero();
    }

    @Test
    void outcomesPrintAsSmallTables() {
        kernel.map(A, 2 * PAGE, Kind.PLAIN).map(B, PAGE, Kind.LOCKED);
        assertThat(memory.ranges(pages(A, 3), pages(B, 1)).pageOut()).hasToString("""
            PAGEOUT of 16 KiB: 8 KiB advised, 8 KiB skipped
              0x100000-0x102000 8 KiB advised
              0x102000-0x103000 4 KiB skipped: nothing is mapped here
              0x200000-0x201000 4 KiB skipped: locked in RAM by mlock\
            """);
    }
}
