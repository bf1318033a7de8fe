package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.NodeSet;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording has of verbs. */
final class VerbEventTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final MemoryRange RANGE = MemoryRange.of(0x10_0000_0000L, 4 * PAGE);

    private final SimulatedKernel kernel =
            new SimulatedKernel().map(RANGE.address(), RANGE.byteSize(), SimulatedKernel.Kind.PLAIN);

    @TempDir
    Path folder;

    private List<RecordedEvent> record(Runnable verbs) throws IOException {
        Path file = folder.resolve("verbs.jfr");
        try (var recording = new Recording()) {
            recording.start();
            verbs.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("remora."))
                .toList();
    }

    @Test
    void adviceTellsWhatItDidAndWhatItTook() throws IOException {
        kernel.fail(Syscall.PROCESS_MADVISE, Linux.EAGAIN());
        List<RecordedEvent> events = record(() -> {
            try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
                var _ = memory.ranges(RANGE).batchesOf(2 * PAGE).markCold();
            }
        });
        assertThat(events).hasSize(1);
        RecordedEvent event = events.getFirst();
        assertThat(event.getEventType().getName()).isEqualTo("remora.Advise");
        assertThat(event.getLong("pid")).isEqualTo(SimulatedKernel.PID);
        assertThat(event.getString("advice")).isEqualTo("COLD");
        assertThat(event.getString("outcome")).isEqualTo("Complete");
        assertThat(event.getLong("requestedBytes")).isEqualTo(4 * PAGE);
        assertThat(event.getLong("doneBytes")).isEqualTo(4 * PAGE);
        assertThat(event.getLong("ranges")).isEqualTo(1);
        assertThat(event.getLong("calls")).isEqualTo(3);
        assertThat(event.getLong("retries")).isEqualTo(1);
        assertThat(event.getDuration()).isPositive();
    }

    @Test
    void whatIsThrownIsTold() throws IOException {
        kernel.fail(Syscall.PROCESS_MADVISE, Linux.EPERM());
        List<RecordedEvent> events = record(() -> {
            try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
                assertThatExceptionOfType(PermissionDeniedException.class)
                        .isThrownBy(() -> memory.ranges(RANGE).markCold());
            }
        });
        assertThat(events).extracting(event -> event.getString("outcome")).containsExactly("PermissionDeniedException");
        assertThat(events.getFirst().getLong("requestedBytes")).isEqualTo(4 * PAGE);
        assertThat(events.getFirst().getLong("doneBytes")).isZero();
    }

    @Test
    void everyUseOfASelectionIsTold() throws IOException {
        List<RecordedEvent> events = record(() -> {
            try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
                RangeSelection selection = memory.ranges(RANGE);
                for (int use = 0; use < 5; use++) {
                    assertThat(selection.markCold().complete()).isTrue();
                }
            }
        });
        assertThat(events)
                .hasSize(5)
                .allSatisfy(event -> assertThat(event.getLong("calls")).isEqualTo(1));
    }

    @Test
    void killingIsAnEventOfItsOwn() throws IOException {
        List<RecordedEvent> events = record(() -> {
            try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
                var _ = memory.kill();
            }
        });
        assertThat(events).extracting(event -> event.getEventType().getName()).containsExactly("remora.Kill");
        assertThat(events.getFirst().getString("outcome")).isEqualTo("DyingProcess");
    }

    @Test
    void otherVerbsAreEventsToo() throws IOException {
        kernel.pages.put(RANGE.address(), 4, 1);
        kernel.endsAtOnce = true;
        List<RecordedEvent> events = record(() -> {
            try (RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel)) {
                var _ = memory.ranges(RANGE).moveTo(NodeSet.of(0));
                var _ = memory.migrate(NodeSet.of(0), NodeSet.of(0));
                var _ = memory.killAndRelease();
            }
        });
        assertThat(events)
                .extracting(event -> event.getEventType().getName())
                .containsExactly("remora.Move", "remora.Migrate", "remora.Release");
        assertThat(events.getFirst().getLong("doneBytes")).isEqualTo(4 * PAGE);
        assertThat(events.getFirst().getString("nodes")).isEqualTo("0");
    }
}
