import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.Cgroup;
import dev.remora.DyingProcess;
import dev.remora.ExitStatus;
import dev.remora.ReleaseOutcome;
import dev.remora.RemoteMemory;
import dev.remora.sandbox.SandboxedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Ends processes in all ways, and says what became of their memory. */
final class Ending {

    private Ending() {}

    public static void main(String[] arguments) throws InterruptedException, IOException {
        atOnce();
        inTwoSteps();
        politely();
        watched();
        if (arguments.length > 0) {
            together(Path.of(arguments[0]));
        }
    }

    private static void atOnce() {
        try (SandboxedProcess child = SandboxedProcess.start()) {
            child.touch(child.map(64 * MiB));
            long pid = child.pid();
            // @start region=release
            try (RemoteMemory memory = RemoteMemory.open(pid)) {
                ReleaseOutcome outcome = memory.killAndRelease();
                System.out.println(outcome);
            }
            // @end
        }
    }

    private static void inTwoSteps() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            child.touch(child.map(64 * MiB));
            // @start region=steps
            DyingProcess dying = memory.kill();
            ReleaseOutcome outcome = dying.releaseMemory(Duration.ofMillis(500));
            // @end
            // @start region=outcomes
            System.out.println(
                    switch (outcome) {
                        case ReleaseOutcome.Reaped reaped ->
                            "freed by this call, in "
                                    + reaped.figures().timeToReap().get();
                        case ReleaseOutcome.ReleasedByExit exit -> "freed by its own exit: " + exit.cause();
                        case ReleaseOutcome.StillShared shared -> "stays, used by " + shared.sharerPid();
                        case ReleaseOutcome.Unverified _ -> "has ended; a sharer of its memory would not be seen";
                        case ReleaseOutcome.TimedOut late ->
                            "not yet: " + late.obstacle() + ", "
                                    + late.figures().residentBytesAfter() + " bytes";
                    });
            // @end
        }
    }

    private static void politely() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            // @start region=terminate
            ReleaseOutcome outcome = memory.terminate(Duration.ofSeconds(5));
            boolean obeyed = outcome.figures().timeToKill().isEmpty();
            // @end
            System.out.println(obeyed ? "ended when asked" : "had to be killed");
        }
    }

    private static void watched() throws InterruptedException {
        SandboxedProcess child = SandboxedProcess.start();
        RemoteMemory memory = RemoteMemory.open(child.pid());
        // @start region=exit
        CompletableFuture<Void> told = memory.onExit()
                .thenAccept(status -> System.out.println("told: "
                        + switch (status) {
                            case ExitStatus.Exited exited -> "status " + exited.status();
                            case ExitStatus.Signaled signaled -> "signal " + signaled.signal();
                            case ExitStatus.Unknown _ -> "the kernel does not say how";
                        }));
        // @end
        child.close();
        told.join();
        System.out.println(memory.awaitExit(Duration.ofSeconds(10)).isPresent() ? "it has ended" : "it lives");
        memory.close();
    }

    private static void together(Path directory) throws IOException {
        try (SandboxedProcess one = SandboxedProcess.start();
                SandboxedProcess two = SandboxedProcess.start()) {
            Files.writeString(directory.resolve("cgroup.procs"), Long.toString(one.pid()));
            Files.writeString(directory.resolve("cgroup.procs"), Long.toString(two.pid()));
            // @start region=cgroup
            System.out.println(Cgroup.of(directory).killAndRelease());
            // @end
        }
    }
}
