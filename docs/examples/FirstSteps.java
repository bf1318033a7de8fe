import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.AdviceOutcome;
import dev.remora.RangeOutcome;
import dev.remora.RemoteMemory;
import dev.remora.sandbox.SandboxedProcess;

/** Pages out the anonymous memory of the process whose number is given, or of a sandboxed child. */
final class FirstSteps {

    private FirstSteps() {}

    public static void main(String[] arguments) {
        if (arguments.length > 0) {
            pageOut(Long.parseLong(arguments[0]));
        } else {
            try (SandboxedProcess child = SandboxedProcess.start()) {
                child.touch(child.map(64 * MiB));
                pageOut(child.pid());
            }
        }
    }

    private static void pageOut(long pid) {
        // @start region=first-steps
        try (RemoteMemory memory = RemoteMemory.open(pid)) {
            AdviceOutcome outcome = memory.mappings().anonymous().writable().pageOut();
            System.out.println(outcome);
            for (RangeOutcome.Skipped skipped : outcome.skipped()) {
                System.out.println(skipped.range() + " stays: " + skipped.reason());
            }
        }
        // @end
    }
}
