import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.AdviceOutcome;
import dev.remora.FreezeMethod;
import dev.remora.FrozenOutcome;
import dev.remora.RemoteMemory;
import dev.remora.addressspace.ByteSize;
import dev.remora.sandbox.SandboxedProcess;
import java.time.Duration;

/** Does something to a process while it stands still. */
final class Freezing {

    private Freezing() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            child.touch(child.map(8 * MiB));
            advised(memory);
            counted(memory);
            late(memory);
        }
    }

    private static void advised(RemoteMemory memory) {
        // @start region=frozen
        FrozenOutcome<AdviceOutcome> outcome = memory.whileFrozen(
                Duration.ofMillis(500), frozen -> frozen.mappings().anonymous().markCold());
        outcome.result().ifPresent(advice -> System.out.println(ByteSize.format(advice.advisedBytes()) + " advised"));
        // @end
    }

    private static void counted(RemoteMemory memory) {
        // @start region=method
        FrozenOutcome<Integer> outcome = memory.whileFrozen(
                Duration.ofMillis(500),
                FreezeMethod.SIGSTOP,
                frozen -> frozen.addressSpace().size());
        // @end
        // @start region=outcomes
        System.out.println(
                switch (outcome) {
                    case FrozenOutcome.Done<Integer> done ->
                        done.value() + " mappings at one moment, in " + done.standstill();
                    case FrozenOutcome.TimedOut<Integer> late -> late.value() + " mappings, but it ran meanwhile";
                    case FrozenOutcome.Disturbed<Integer> _ -> "somebody else let it run on";
                    case FrozenOutcome.NotFrozen<Integer> not -> not.toString();
                    case FrozenOutcome.ProcessGone<Integer> _ -> "it has ended";
                });
        // @end
    }

    private static void late(RemoteMemory memory) {
        // @start region=late
        FrozenOutcome<Boolean> outcome = memory.whileFrozen(Duration.ofMillis(50), _ -> {
            try {
                Thread.sleep(500);
            } catch (InterruptedException interruption) {
                Thread.currentThread().interrupt();
            }
            return true;
        });
        System.out.println(outcome.stoodStill() ? "it stood still all the time" : "it ran again before the end");
        // @end
    }
}
