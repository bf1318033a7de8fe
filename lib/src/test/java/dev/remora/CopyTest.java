package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies from and to a scripted process. */
final class CopyTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long BASE = 0x10_0000_0000L;
    private static final byte UNTOUCHED = 0;

    private final SimulatedCopies kernel = new SimulatedCopies();
    private final byte[] target = new byte[16 * (int) PAGE];

    CopyTest() {
        kernel.kernel.map(BASE, 8 * PAGE, SimulatedKernel.Kind.PLAIN);
        kernel.kernel.map(BASE + 12 * PAGE, 4 * PAGE, SimulatedKernel.Kind.PLAIN);
    }

    private RemoteMemory open() {
        return RemoteMemory.open(SimulatedKernel.PID, kernel);
    }

    private CopyOutcome readAll() {
        try (RemoteMemory memory = open()) {
            return memory.read(MemoryRange.of(BASE, target.length), MemorySegment.ofArray(target));
        }
    }

    private static UncopiedRange uncopied(long fromPage, long pages, CopyObstacle obstacle) {
        return new UncopiedRange(MemoryRange.of(BASE + fromPage * PAGE, pages * PAGE), obstacle);
    }

    private void assertArrived(long fromPage, long toPage) {
        for (long i = fromPage * PAGE; i < toPage * PAGE; i++) {
            assertThat(target[(int) i]).isEqualTo(SimulatedCopies.at(BASE + i));
        }
    }

    @Test
    void bytesArriveWhole() {
        try (RemoteMemory memory = open()) {
            byte[] bytes = memory.read(MemoryRange.of(BASE + 5, 100));
            for (int i = 0; i < 100; i++) {
                assertThat(bytes[i]).isEqualTo(SimulatedCopies.at(BASE + 5 + i));
            }
        }
    }

    @Test
    void whatIsBehindAHoleIsCopiedToo() {
        CopyOutcome outcome = readAll();
        assertThat(outcome).isInstanceOf(CopyOutcome.Partial.class);
        assertThat(outcome.uncopied()).containsExactly(uncopied(8, 4, CopyObstacle.HOLE));
        assertThat(outcome.copiedBytes()).isEqualTo(12 * PAGE);
        assertArrived(0, 8);
        assertThat(target[8 * (int) PAGE]).isEqualTo(UNTOUCHED);
        assertArrived(12, 16);
    }

    @Test
    void pagesThatAreMappedAndNotReachedAreNamed() {
        kernel.unreachable.add(BASE + 3 * PAGE);
        kernel.unreachable.add(BASE + 4 * PAGE);
        assertThat(readAll().uncopied())
                .containsExactly(uncopied(3, 2, CopyObstacle.UNREACHABLE), uncopied(8, 4, CopyObstacle.HOLE));
        assertArrived(5, 8);
    }

    @Test
    void aRangeThatBeginsInAPageThatIsNotReachedGoesOnWithTheNext() {
        kernel.unreachable.add(BASE);
        try (RemoteMemory memory = open()) {
            MemorySegment segment = MemorySegment.ofArray(new byte[5000]);
            assertThat(memory.read(MemoryRange.of(BASE + 10, 5000), segment).uncopied())
                    .containsExactly(
                            new UncopiedRange(MemoryRange.between(BASE + 10, BASE + PAGE), CopyObstacle.UNREACHABLE));
            assertThat(segment.get(ValueLayout.JAVA_BYTE, PAGE - 10)).isEqualTo(SimulatedCopies.at(BASE + PAGE));
        }
    }

    @Test
    void noArrayIsReturnedWithBytesThatWereNotRead() {
        try (RemoteMemory memory = open()) {
            assertThatExceptionOfType(IncompleteCopyException.class)
                    .isThrownBy(() -> memory.read(MemoryRange.of(BASE + 7 * PAGE, 2 * PAGE)))
                    .withMessageContaining("nothing is mapped here")
                    .satisfies(failure -> assertThat(failure.outcome().uncopied())
                            .containsExactly(uncopied(8, 1, CopyObstacle.HOLE)));
        }
    }

    @Test
    void callsThatStopEarlyAreContinued() {
        kernel.result = bytes -> Math.min(bytes, 1000);
        CopyOutcome outcome = readAll();
        assertThat(outcome.uncopied()).containsExactly(uncopied(8, 4, CopyObstacle.HOLE));
        assertArrived(0, 8);
        assertArrived(12, 16);
    }

    @Test
    void manyRangesTakeFewCalls() {
        List<MemoryRange> ranges = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            ranges.add(MemoryRange.of(BASE + i, 1));
        }
        byte[] bytes = new byte[3000];
        try (RemoteMemory memory = open()) {
            assertThat(memory.read(ranges, MemorySegment.ofArray(bytes)).complete())
                    .isTrue();
        }
        assertThat(kernel.calls).extracting(SimulatedCopies.Call::ranges).containsExactly(1024, 1024, 952);
        assertThat(bytes[2999]).isEqualTo(SimulatedCopies.at(BASE + 2999));
    }

    @Test
    void moreThanACallTakesGoesInSeveral() {
        long byteSize = 5 * ByteSize.GiB;
        kernel.kernel.map(0x20_0000_0000L, byteSize, SimulatedKernel.Kind.PLAIN);
        kernel.real = false;
        MemorySegment huge = MemorySegment.ofAddress(0x1000).reinterpret(byteSize);
        try (RemoteMemory memory = open()) {
            assertThat(memory.read(MemoryRange.of(0x20_0000_0000L, byteSize), huge))
                    .isEqualTo(new CopyOutcome.Complete(byteSize));
        }
        assertThat(kernel.calls)
                .extracting(SimulatedCopies.Call::byteSize)
                .containsExactly(0x7ffff000L, 0x7ffff000L, byteSize - 2 * 0x7ffff000L);
    }

    @Test
    void whatArrivedFromWhoKnowsWhomIsForgotten() {
        kernel.meanwhile = kernel.kernel::exit;
        Arrays.fill(target, (byte) 9);
        CopyOutcome outcome = readAll();
        assertThat(outcome).isInstanceOf(CopyOutcome.ProcessGone.class);
        assertThat(outcome.copiedBytes()).isZero();
        assertThat(target).containsOnly(0);
    }

    @Test
    void nativeMemoryIsForgottenToo() {
        kernel.meanwhile = kernel.kernel::exit;
        try (Arena arena = Arena.ofConfined();
                RemoteMemory memory = open()) {
            MemorySegment segment = arena.allocate(PAGE);
            assertThat(memory.read(MemoryRange.of(BASE, PAGE), segment)).isInstanceOf(CopyOutcome.ProcessGone.class);
            assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @Test
    void anEndedProcessIsToldOfByAnException() {
        try (RemoteMemory memory = open()) {
            kernel.kernel.exit();
            assertThatExceptionOfType(NoSuchProcessException.class)
                    .isThrownBy(() -> memory.read(MemoryRange.of(BASE, 1)));
            assertThat(kernel.calls).as("nobody was asked by a number").isEmpty();
        }
    }

    @Test
    void aRefusalNamesTheRight() {
        kernel.result = _ -> -Linux.EPERM();
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining("process_vm_readv")
                .withMessageContaining("CAP_SYS_PTRACE");
    }

    @Test
    void aRefusalMidwayKeepsWhatWasDone() {
        kernel.result = bytes -> kernel.calls.size() == 1 ? PAGE : -Linux.EPERM();
        CopyOutcome outcome = readAll();
        assertThat(outcome.uncopied()).containsExactly(uncopied(1, 15, CopyObstacle.NOT_PERMITTED));
    }

    @Test
    void lackOfMemoryMidwayKeepsWhatWasDone() {
        kernel.result = bytes -> kernel.calls.size() == 1 ? PAGE : -Linux.ENOMEM();
        assertThat(readAll().uncopied()).containsExactly(uncopied(1, 15, CopyObstacle.OUT_OF_MEMORY));
    }

    @Test
    void aKernelWithoutTheCallIsNamed() {
        kernel.result = _ -> -Linux.ENOSYS();
        assertThatExceptionOfType(UnsupportedKernelException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining("CONFIG_CROSS_MEMORY_ATTACH");
    }

    @Test
    void anInterruptedCallIsMadeAgain() {
        kernel.result = bytes -> kernel.calls.size() == 1 ? -Linux.EINTR() : bytes;
        assertThat(readAll().copiedBytes()).isEqualTo(12 * PAGE);
    }

    @Test
    void bytesAreWrittenWhereTheyBelong() {
        try (RemoteMemory memory = open()) {
            memory.write(BASE + 3, new byte[] {1, 2, 3});
        }
        assertThat(kernel.written)
                .containsOnly(
                        Map.entry(BASE + 3, (byte) 1), Map.entry(BASE + 4, (byte) 2), Map.entry(BASE + 5, (byte) 3));
    }

    @Test
    void copyingIsAnEvent(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("copying.jfr");
        try (var recording = new Recording()) {
            recording.start();
            var _ = readAll();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("remora.Copy"))
                .toList();
        assertThat(events).hasSize(1);
        assertThat(events.getFirst().getLong("requestedBytes")).isEqualTo(16 * PAGE);
        assertThat(events.getFirst().getLong("doneBytes")).isEqualTo(12 * PAGE);
        assertThat(events.getFirst().getLong("uncopiedRanges")).isEqualTo(1);
        assertThat(events.getFirst().getBoolean("written")).isFalse();
    }

    @Test
    void mistakesAreRefusedBeforeAnythingIsDone() {
        try (RemoteMemory memory = open();
                Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocate(PAGE);
            MemoryRange range = MemoryRange.of(BASE, PAGE);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.read(range, page.asReadOnly()))
                    .withMessageContaining("read-only");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.read(MemoryRange.of(BASE, 2 * PAGE), page))
                    .withMessageContaining("4096 bytes")
                    .withMessageContaining("asSlice");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.read(List.of(), page))
                    .withMessageContaining("No ranges");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.read(MemoryRange.of(1L << 60, PAGE), page))
                    .withMessageContaining("user space");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.read(MemoryRange.of(BASE, 3 * ByteSize.GiB)))
                    .withMessageContaining("MemorySegment");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.write(BASE, new byte[0]))
                    .withMessageContaining("no bytes");
            List<MemoryRange> tooMuch = Collections.nCopies(1 << 17, MemoryRange.of(PAGE, 1L << 46));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.read(tooMuch, page))
                    .withMessageContaining("in parts");
            arena.close();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> memory.read(range, page))
                    .withMessageContaining("closed");
        } catch (IllegalStateException closedTwice) {
            assertThat(closedTwice).hasMessageContaining("Already closed");
        }
        assertThat(kernel.calls).isEmpty();
    }
}
