package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.procfs.RangeList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Questions about pages of a scripted process, whose kernel does not scan. */
final class PagesTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long BASE = 0x10_0000_0000L;
    private static final MemoryRange RANGE = MemoryRange.of(BASE, 8 * PAGE);

    private final SimulatedKernel kernel = new SimulatedKernel().map(BASE, 8 * PAGE, SimulatedKernel.Kind.PLAIN);

    private RangeSelection select(RemoteMemory memory) {
        return memory.ranges(RANGE);
    }

    private RemoteMemory open() {
        return RemoteMemory.open(SimulatedKernel.PID, kernel);
    }

    private static MemoryRange pages(int from, int count) {
        return MemoryRange.of(BASE + from * PAGE, count * PAGE);
    }

    @Test
    void whatAnOlderKernelDoesNotTellHasNoNumber() {
        kernel.absent.add(BASE + 2 * PAGE);
        try (RemoteMemory memory = open()) {
            Residency residency = select(memory).residency();
            assertThat(residency.ranges(PageFact.PRESENT)).containsExactly(pages(0, 2), pages(3, 5));
            assertThat(residency.bytes(PageFact.PRESENT)).hasValue(7 * PAGE);
            assertThat(residency.bytes(PageFact.HUGE)).isEmpty();
            assertThat(residency.unknown())
                    .containsExactlyInAnyOrder(
                            PageFact.HUGE, PageFact.ZERO_PAGE, PageFact.WRITTEN, PageFact.GUARD, PageFact.SOFT_DIRTY);
            assertThat(residency.toString()).contains("? huge", "28 KiB present");
        }
    }

    @Test
    void aRefusalNamesTheRight() {
        kernel.refusals.put("pagemap", Linux.EACCES());
        try (RemoteMemory memory = open()) {
            assertThatExceptionOfType(PermissionDeniedException.class)
                    .isThrownBy(() -> select(memory).residency())
                    .withMessageContaining("pagemap");
        }
    }

    @Test
    void aKernelThatShowsNoPagesIsNotAnEndedProcess() {
        kernel.refusals.put("pagemap", Linux.ENOENT());
        try (RemoteMemory memory = open()) {
            assertThatExceptionOfType(UnsupportedKernelException.class)
                    .isThrownBy(() -> select(memory).residency())
                    .withMessageContaining("CONFIG_PROC_PAGE_MONITOR");
            assertThatExceptionOfType(UnsupportedKernelException.class)
                    .isThrownBy(() -> memory.markUse(UseMark.Pages.ALL))
                    .withMessageContaining("CONFIG_PROC_PAGE_MONITOR");
        }
    }

    @Test
    void anEndedProcessIsToldOf() {
        try (RemoteMemory memory = open()) {
            kernel.exit();
            assertThatExceptionOfType(NoSuchProcessException.class)
                    .isThrownBy(() -> select(memory).residency());
        }
    }

    @Test
    void aKernelThatDoesNotScanCannotMark() {
        try (RemoteMemory memory = open()) {
            assertThatExceptionOfType(UnsupportedKernelException.class)
                    .isThrownBy(() -> select(memory).mark())
                    .withMessageContaining("6.7");
        }
    }

    @Test
    void aMarkKnowsWhatItCovers() {
        var selected = new RangeList(4);
        selected.add(BASE + 4 * PAGE, 2 * PAGE);
        selected.add(BASE, 2 * PAGE);
        selected.add(BASE + PAGE, 2 * PAGE);
        selected.addLeftOut(BASE + 6 * PAGE, PAGE);
        var mark = new PageMark(SimulatedKernel.PID, selected);
        assertThat(mark.markedBytes()).isEqualTo(5 * PAGE);
        assertThat(mark.toString()).isEqualTo("mark on 2 ranges, 20 KiB of process 4711");
        var asked = new RangeList(2);
        asked.add(BASE + 2 * PAGE, 3 * PAGE);
        asked.add(BASE + 5 * PAGE, 3 * PAGE);
        var marked = new RangeList(4);
        var unmarked = new JoinedRanges();
        mark.cut(asked, marked, unmarked);
        assertThat(List.of(marked.address(0), marked.address(1), marked.address(2)))
                .containsExactly(BASE + 2 * PAGE, BASE + 4 * PAGE, BASE + 5 * PAGE);
        assertThat(marked.totalBytes()).isEqualTo(3 * PAGE);
        assertThat(unmarked.list()).containsExactly(pages(3, 1), pages(6, 2));
    }
}
