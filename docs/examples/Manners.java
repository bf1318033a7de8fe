import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.AdviceOutcome;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.time.Duration;

/** Gives advice with several threads, slowly, in portions, and ends it before its time. */
final class Manners {

    private Manners() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(256 * MiB);
            child.touch(range);
            // @start region=manner
            AdviceOutcome outcome = memory.ranges(range)
                    .inParallel(2)
                    .pacedAt(512 * MiB)
                    .batchesOf(8 * MiB)
                    .markCold();
            // @end
            System.out.println(outcome);
            // @start region=stopped
            Duration patience = Duration.ofMillis(100);
            AdviceOutcome partial = memory.ranges(range)
                    .pacedAt(512 * MiB)
                    .onProgress(progress -> {
                        if (progress.elapsed().compareTo(patience) > 0) {
                            progress.cancel();
                        }
                    })
                    .markCold();
            if (partial instanceof AdviceOutcome.Stopped stopped) {
                System.out.println(stopped.cause() + " after " + ByteSize.format(stopped.advisedBytes()));
            }
            // @end
        }
    }
}
