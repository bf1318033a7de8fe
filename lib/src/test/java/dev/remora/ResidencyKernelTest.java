package dev.remora;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.MemoryRange;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.RequiresSwap;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the kernel tells of pages of a child whose pages are known. */
@Tag("kernel")
final class ResidencyKernelTest {

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
    void touchedPagesArePresentAndOthersAreNot() {
        MemoryRange range = child.map(64 * page);
        child.touch(slice(range, 3, 5));
        child.touch(slice(range, 20, 1));
        Residency residency = memory.ranges(range).residency();
        assertThat(residency.ranges(PageFact.PRESENT)).containsExactly(slice(range, 3, 5), slice(range, 20, 1));
        assertThat(residency.presentBytes()).isEqualTo(6 * page);
        assertThat(residency.swappedBytes()).isZero();
        assertThat(residency.selectedBytes()).isEqualTo(64 * page);
        assertThat(residency.bytes(PageFact.FILE)).hasValue(0);
        assertThat(residency.toString()).contains("present", "swapped").startsWith("of 256 KiB");
    }

    @Test
    void pagesThatWereOnlyReadAreThePageOfZeros() {
        MemoryRange range = child.map(8 * page);
        child.read(slice(range, 1, 2));
        child.touch(slice(range, 5, 1));
        Residency residency = memory.ranges(range).residency();
        Skip.unless(!residency.unknown().contains(PageFact.ZERO_PAGE), "this kernel has no PAGEMAP_SCAN (Linux 6.7)");
        assertThat(residency.ranges(PageFact.ZERO_PAGE)).containsExactly(slice(range, 1, 2));
        assertThat(residency.ranges(PageFact.PRESENT)).containsExactly(slice(range, 1, 2), slice(range, 5, 1));
        assertThat(residency.ranges().getLast())
                .isEqualTo(new PageRange(
                        slice(range, 5, 1), residency.ranges().getLast().facts()));
        assertThat(residency.ranges().getLast().facts())
                .contains(PageFact.PRESENT)
                .doesNotContain(PageFact.ZERO_PAGE);
    }

    @Test
    void sharedMemoryBelongsToAFile() {
        MemoryRange shared = child.mapMemfd("residency", 4 * page);
        child.touch(slice(shared, 0, 2));
        Residency residency = memory.ranges(shared).residency();
        assertThat(residency.ranges(PageFact.FILE)).containsExactly(slice(shared, 0, 2));
        assertThat(residency.ranges(PageFact.PRESENT)).containsExactly(slice(shared, 0, 2));
    }

    @Test
    void reservedMemoryIsPassedOver() {
        MemoryRange range = child.map(32 * GiB);
        child.touch(slice(range, 1_000_000, 1));
        Residency residency = memory.ranges(range).residency();
        assertThat(residency.ranges(PageFact.PRESENT)).containsExactly(slice(range, 1_000_000, 1));
        assertThat(residency.selectedBytes()).isEqualTo(32 * GiB);
    }

    @Test
    void holesAndWholeProcessesCanBeLookedAt() {
        MemoryRange range = child.map(8 * page);
        child.touch(range);
        child.unmap(slice(range, 2, 2));
        assertThat(memory.ranges(range).residency().ranges(PageFact.PRESENT))
                .containsExactly(slice(range, 0, 2), slice(range, 4, 4));
        Residency all = memory.mappings().residency();
        assertThat(all.presentBytes()).isBetween(10 * MiB, GiB);
        assertThat(all.bytes(PageFact.FILE).orElseThrow())
                .as("the code of the JVM")
                .isPositive();
    }

    @Test
    @RequiresSwap
    @RequiresRightToAdvise
    void pagesThatWerePagedOutAreSwapped() {
        MemoryRange range = child.map(16 * page);
        child.touch(range);
        Await.until(() -> {
            assertThat(memory.ranges(slice(range, 4, 8)).pageOut().advisedBytes())
                    .isPositive();
            return memory.ranges(range).residency().swappedBytes() == 8 * page;
        });
        Residency residency = memory.ranges(range).residency();
        assertThat(residency.ranges(PageFact.SWAPPED)).containsExactly(slice(range, 4, 8));
        assertThat(residency.presentBytes()).isEqualTo(8 * page);
        child.read(slice(range, 4, 8));
        assertThat(memory.ranges(range).residency().presentBytes()).isEqualTo(16 * page);
    }

    @Test
    @RequiresRightToAdvise
    void hugePagesAreToldOf() {
        MemoryRange range = child.map(4 * MiB);
        child.touch(range);
        AdviceOutcome outcome = memory.ranges(range).collapse();
        Skip.unless(outcome.effect().orElseThrow().after().hugeBytes() > 0, "no huge page was made: " + outcome);
        Residency residency = memory.ranges(range).residency();
        Skip.unless(!residency.unknown().contains(PageFact.HUGE), "this kernel has no PAGEMAP_SCAN (Linux 6.7)");
        assertThat(residency.bytes(PageFact.HUGE))
                .hasValue(outcome.effect().orElseThrow().after().hugeBytes());
    }

    @Test
    void anEndedProcessIsNotEmpty() {
        MemoryRange range = child.map(page);
        child.close();
        assertThatExceptionOfType(NoSuchProcessException.class)
                .isThrownBy(() -> memory.ranges(range).residency());
    }

    @Test
    void whatThisKernelDoesNotTellHasNoNumber() {
        Residency residency = memory.ranges(child.map(page)).residency();
        for (PageFact fact : PageFact.values()) {
            assertThat(residency.bytes(fact).isEmpty())
                    .isEqualTo(residency.unknown().contains(fact));
        }
        assertThat(residency.unknown()).doesNotContainAnyElementsOf(Set.of(PageFact.PRESENT, PageFact.SWAPPED));
        assertThat(residency.ranges()).isEqualTo(List.of());
    }
}
