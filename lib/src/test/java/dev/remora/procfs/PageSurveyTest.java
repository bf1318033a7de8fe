package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.bindings.Linux;
import dev.remora.procfs.PageSurvey.Method;
import dev.remora.syscall.ErrnoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PageSurveyTest {

    private static final long PAGE = SimulatedPageMap.PAGE;
    private static final long BASE = SimulatedPageMap.BASE;

    private final SimulatedPageMap kernel = new SimulatedPageMap();

    private PageSurvey survey(Method method) {
        var ranges = new RangeList(1);
        ranges.add(BASE, 20_000 * PAGE);
        return survey(method, ranges);
    }

    private PageSurvey survey(Method method, RangeList ranges) {
        try (var process = ProcDirectory.open(kernel, 4711)) {
            return PageSurvey.of(kernel, process, ranges, PAGE, method);
        }
    }

    private void put(long page, int categories) {
        kernel.pages.put(BASE + page * PAGE, categories);
    }

    @Test
    void moreRegionsThanThereIsRoomForTakeSeveralScans() {
        for (long page = 0; page < 20_000; page += 2) {
            put(page, Linux.PAGE_IS_PRESENT());
        }
        PageStates states = survey(Method.BEST).states();
        assertThat(states.size()).isEqualTo(10_000);
        assertThat(states.bytes(PageStates.PRESENT)).isEqualTo(10_000 * PAGE);
        assertThat(kernel.scansMade)
                .as("three to find out what is known, three of 4096 regions, and one of what is behind them")
                .isEqualTo(7);
    }

    @Test
    void whatTheKernelHandsOutInPortionsIsToldOfOnce() {
        for (long page = 0; page < 1400; page += 2) {
            put(page, Linux.PAGE_IS_PRESENT());
        }
        PageStates states = survey(Method.BEST).states();
        assertThat(states.size()).isEqualTo(700);
        assertThat(states.bytes(PageStates.PRESENT)).isEqualTo(700 * PAGE);
    }

    @Test
    void aScanThatStopsEarlyIsContinuedFromWhereItStopped() {
        put(0, Linux.PAGE_IS_PRESENT());
        put(1, Linux.PAGE_IS_PRESENT());
        put(19_999, Linux.PAGE_IS_SWAPPED());
        kernel.patience = 1;
        PageStates states = survey(Method.BEST).states();
        assertThat(states.size()).as("neighbours of two scans are joined").isEqualTo(2);
        assertThat(states.to(0)).isEqualTo(BASE + 2 * PAGE);
        assertThat(states.state(1)).isEqualTo(PageStates.SWAPPED);
    }

    @Test
    void anInterruptedScanIsMadeAgain() {
        put(3, Linux.PAGE_IS_PRESENT());
        kernel.interruptions = 5;
        assertThat(survey(Method.BEST).states().bytes(PageStates.PRESENT)).isEqualTo(PAGE);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void memoryThatWasGivenUpIsNotEmpty(Method method) {
        kernel.memoryGivenUp = true;
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> survey(method))
                .satisfies(
                        failure -> assertThat(ProcDirectory.meansGone(failure)).isTrue());
    }

    @Test
    void aKernelThatDoesNotScanIsRead() {
        kernel.scans = false;
        put(7, Linux.PAGE_IS_PRESENT() | Linux.PAGE_IS_FILE());
        PageSurvey survey = survey(Method.BEST);
        assertThat(survey.states().bytes(PageStates.FILE)).isEqualTo(PAGE);
        assertThat(survey.unknown() & PageStates.HUGE).isNotZero();
    }

    @Test
    void categoriesThatAKernelDoesNotKnowAreNotAskedFor() {
        kernel.known = 0x7f;
        put(7, Linux.PAGE_IS_PRESENT() | Linux.PAGE_IS_HUGE());
        PageSurvey survey = survey(Method.BEST);
        assertThat(survey.states().bytes(PageStates.HUGE)).isEqualTo(PAGE);
        assertThat(survey.unknown()).isEqualTo(PageStates.SOFT_DIRTY | PageStates.GUARD);
    }

    @Test
    void aGuardIsNotSwappedAndWhatIsNotTrackedIsNotWritten() {
        put(1, Linux.PAGE_IS_SWAPPED() | Linux.PAGE_IS_GUARD() | Linux.PAGE_IS_WRITTEN());
        put(2, Linux.PAGE_IS_PRESENT() | Linux.PAGE_IS_WRITTEN());
        put(3, Linux.PAGE_IS_PRESENT() | Linux.PAGE_IS_WRITTEN() | Linux.PAGE_IS_WPALLOWED());
        put(4, Linux.PAGE_IS_PRESENT() | Linux.PAGE_IS_WPALLOWED());
        PageStates states = survey(Method.BEST).states();
        assertThat(states.bytes(PageStates.SWAPPED)).isZero();
        assertThat(states.bytes(PageStates.GUARD)).isEqualTo(PAGE);
        assertThat(states.bytes(PageStates.WRITTEN)).isEqualTo(PAGE);
        assertThat(states.bytes(PageStates.PRESENT)).isEqualTo(3 * PAGE);
    }

    /** The kernel's own limit can be lower than half of all addresses, and then it looks at nothing of such a range. */
    @ParameterizedTest
    @EnumSource(Method.class)
    void whatIsMappedOfARangeBeyondTheAddressesOfProcessesIsToldOf(Method method) {
        put(1, Linux.PAGE_IS_PRESENT());
        put(19_999, Linux.PAGE_IS_SWAPPED());
        var ranges = new RangeList(1);
        ranges.add(BASE - PAGE, SimulatedPageMap.END + PAGE - BASE);
        ranges.add(SimulatedPageMap.END, 1L << 40);
        PageStates states = survey(method, ranges).states();
        assertThat(states.bytes(PageStates.PRESENT)).isEqualTo(PAGE);
        assertThat(states.bytes(PageStates.SWAPPED)).isEqualTo(PAGE);
    }

    @Test
    void entriesAreReadOnlyOfWhatIsMapped() {
        var ranges = new RangeList(1);
        ranges.add(BASE - (1L << 30), 1L << 46);
        survey(Method.ENTRIES, ranges);
        assertThat(kernel.entriesRead).isLessThan(20_010);
    }

    @Test
    void rangesOfTheRequestAreToldApartAndWhatIsLeftOutIsNotAskedFor() {
        put(0, Linux.PAGE_IS_PRESENT());
        put(1, Linux.PAGE_IS_PRESENT());
        put(2, Linux.PAGE_IS_PRESENT());
        var ranges = new RangeList(3);
        ranges.add(BASE, PAGE);
        ranges.add(BASE + PAGE, PAGE);
        ranges.addLeftOut(BASE + 2 * PAGE, PAGE);
        PageStates states = survey(Method.BEST, ranges).states();
        assertThat(states.size()).isEqualTo(2);
    }
}
