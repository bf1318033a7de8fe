package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Writes of a child that has them tracked. */
@Tag("kernel")
final class WrittenPagesKernelTest {

    private static final int PAGES = 1024;

    private SandboxedProcess child;
    private RemoteMemory memory;
    private long page;
    private MemoryRange range;

    @BeforeEach
    void start() {
        child = SandboxedProcess.start();
        memory = RemoteMemory.open(child.handle());
        page = memory.pageSize();
        range = child.map(PAGES * page);
    }

    @AfterEach
    void stop() {
        memory.close();
        child.close();
    }

    private void track(MemoryRange tracked) {
        try {
            child.trackWrites(tracked);
        } catch (SyscallFailedException tooOld) {
            throw Skip.because("this kernel does not track writes (Linux 6.7): " + tooOld.getMessage());
        }
    }

    private MemoryRange slice(long firstPage, long pages) {
        return MemoryRange.of(range.address() + firstPage * page, pages * page);
    }

    @Test
    void whatIsWrittenAfterTheMarkIsToldOf() {
        child.touch(slice(0, 100));
        track(range);
        PageMark mark = memory.ranges(range).mark();
        assertThat(mark.markedBytes()).isEqualTo(range.byteSize());
        assertThat(memory.ranges(range).writtenSince(mark).written()).isEmpty();
        child.touch(slice(10, 3));
        child.touch(slice(500, 1));
        child.read(slice(700, 5));
        WrittenPages written = memory.ranges(range).writtenSince(mark);
        assertThat(written.written()).containsExactly(slice(10, 3), slice(500, 1));
        assertThat(written.writtenBytes()).isEqualTo(4 * page);
        assertThat(written.unmarked()).isEmpty();
        assertThat(written.toString()).startsWith("16 KiB written\n");
        assertThat(memory.ranges(range).writtenSince(mark))
                .as("asking changes nothing")
                .isEqualTo(written);
    }

    @Test
    void aLaterMarkBeginsAnew() {
        track(range);
        PageMark first = memory.ranges(range).mark();
        child.touch(slice(1, 1));
        PageMark second = memory.ranges(range).mark();
        child.touch(slice(2, 1));
        assertThat(memory.ranges(range).writtenSince(second).written()).containsExactly(slice(2, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.ranges(range).writtenSince(first))
                .withMessageContaining("not the last one");
    }

    @Test
    void roundsOfRandomWritesAreToldOfExactly() {
        track(range);
        var random = new Random(1);
        for (int round = 0; round < 10; round++) {
            PageMark mark = memory.ranges(range).mark();
            var expected = new BitSet();
            for (int i = 0; i < 60; i++) {
                int at = random.nextInt(PAGES);
                expected.set(at);
                child.touch(slice(at, 1));
            }
            var found = new BitSet();
            for (MemoryRange each : memory.ranges(range).writtenSince(mark).written()) {
                int from = (int) ((each.address() - range.address()) / page);
                found.set(from, from + (int) (each.byteSize() / page));
            }
            assertThat(found).isEqualTo(expected);
        }
    }

    @Test
    void manyPiecesAreToldOfOnce() {
        MemoryRange large = child.map(3000 * page);
        track(large);
        PageMark mark = memory.ranges(large).mark();
        for (int i = 0; i < 1400; i += 2) {
            child.touch(MemoryRange.of(large.address() + i * page, page));
        }
        WrittenPages written = memory.ranges(large).writtenSince(mark);
        assertThat(written.written()).hasSize(700);
        assertThat(written.writtenBytes()).isEqualTo(700 * page);
        assertThat(memory.ranges(large).residency().bytes(PageFact.WRITTEN)).hasValue(700 * page);
    }

    @Test
    void whatHasNoMarkIsSaidToHaveNone() {
        track(range);
        PageMark mark = memory.ranges(slice(100, 100)).mark();
        child.touch(slice(0, 300));
        WrittenPages written = memory.ranges(slice(50, 100), slice(190, 20)).writtenSince(mark);
        assertThat(written.written()).containsExactly(slice(100, 50), slice(190, 10));
        assertThat(written.unmarked()).containsExactly(slice(50, 50), slice(200, 10));
    }

    @Test
    void whatIsNotMappedAnyMoreHasNoMark() {
        track(range);
        PageMark mark = memory.ranges(range).mark();
        child.touch(slice(0, 10));
        child.unmap(slice(5, 100));
        WrittenPages written = memory.ranges(range).writtenSince(mark);
        assertThat(written.written()).containsExactly(slice(0, 5));
        assertThat(written.unmarked()).containsExactly(slice(5, 100));
    }

    @Test
    void onlyWhatIsMappedIsMarked() {
        track(range);
        child.unmap(slice(5, 100));
        MemoryRange beyond = MemoryRange.of(range.address(), (1L << 50) - range.address());
        PageMark mark = memory.ranges(slice(0, 200)).mark();
        assertThat(mark.markedBytes()).isEqualTo(100 * page);
        assertThat(memory.ranges(beyond).writtenSince(mark).unmarkedBytes()).isEqualTo(beyond.byteSize() - 100 * page);
    }

    @Test
    void sharedMemoryIsTrackedToo() {
        MemoryRange shared = child.mapMemfd("tracked", MiB);
        track(shared);
        PageMark mark = memory.ranges(shared).mark();
        MemoryRange first = MemoryRange.of(shared.address(), page);
        child.touch(first);
        assertThat(memory.ranges(shared).writtenSince(mark).written()).containsExactly(first);
    }

    @Test
    void residencyTellsWhatWasWritten() {
        child.touch(range);
        track(range);
        var _ = memory.ranges(range).mark();
        child.touch(slice(5, 2));
        Residency residency = memory.ranges(range).residency();
        assertThat(residency.ranges(PageFact.WRITTEN)).containsExactly(slice(5, 2));
        assertThat(residency.presentBytes()).isEqualTo(range.byteSize());
    }

    @Test
    void memoryThatIsNotTrackedIsRefusedWithTheNextStep() {
        track(slice(0, 10));
        assertThatExceptionOfType(WritesNotTrackedException.class)
                .isThrownBy(() -> memory.ranges(range).mark())
                .withMessageContaining("UFFD_FEATURE_WP_ASYNC")
                .withMessageContaining("Process " + memory.pid());
    }

    @Test
    void anEndedProcessHasWrittenNothingThatIsKnown() {
        track(range);
        PageMark mark = memory.ranges(range).mark();
        child.close();
        assertThatExceptionOfType(NoSuchProcessException.class)
                .isThrownBy(() -> memory.ranges(range).writtenSince(mark));
        assertThatExceptionOfType(NoSuchProcessException.class)
                .isThrownBy(() -> memory.ranges(range).mark());
    }
}
