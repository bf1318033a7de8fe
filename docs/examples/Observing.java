import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.RemoteMemory;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordingStream;

/** Sees in a flight recording what was done to whom. */
final class Observing {

    private Observing() {}

    public static void main(String[] arguments) throws InterruptedException {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(8 * MiB);
            child.touch(range);
            var seen = new CountDownLatch(1);
            // @start region=recording
            try (var recording = new RecordingStream()) {
                recording.onEvent("remora.Advise", event -> {
                    System.out.println(event.getString("advice") + " for process " + event.getLong("pid") + ": "
                            + event.getString("outcome") + ", " + ByteSize.format(event.getLong("doneBytes")) + ", "
                            + event.getLong("calls") + " calls");
                    seen.countDown();
                });
                recording.startAsync();
                var _ = memory.ranges(range).batchesOf(2 * MiB).markCold();
                seen.await(20, TimeUnit.SECONDS);
            }
            // @end
        }
    }
}
