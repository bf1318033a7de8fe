package dev.remora.support;

import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.ExitStatus;
import dev.remora.ReleaseOutcome;
import dev.remora.ReleaseOutcome.Reaped;
import dev.remora.ReleaseOutcome.ReleasedByExit;
import dev.remora.ReleaseOutcome.ReleasedByExit.Cause;
import dev.remora.RemoteMemory;
import dev.remora.sandbox.SandboxedProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Ending processes, and learning how they ended. */
final class EndingFeatures {

    private static final int ATTEMPTS = 10;
    private static final int STATUS = 7;

    private EndingFeatures() {}

    static List<Feature> all() {
        return List.of(
                new Feature("kill, and release the memory at once", (_, _) -> killAndRelease()),
                new Feature("exit status of a process that is no child", (_, _) -> exitStatusOfStranger()));
    }

    /** A process may be faster than its release, but hardly every time. */
    private static Answer killAndRelease() {
        ReleaseOutcome outcome = releaseOne();
        for (int i = 1; i < ATTEMPTS && isFaster(outcome); i++) {
            outcome = releaseOne();
        }
        return switch (outcome) {
            case Reaped _ -> new Answer.Works();
            case ReleasedByExit released
            when released.cause() == Cause.NO_RELEASE_HERE ->
                new Answer.Unsupported("no process_mrelease (Linux 5.15): its own exit frees it");
            default -> new Answer.Failed(outcome.toString());
        };
    }

    private static boolean isFaster(ReleaseOutcome outcome) {
        return outcome instanceof ReleasedByExit released && released.cause() == Cause.FASTER;
    }

    private static ReleaseOutcome releaseOne() {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            child.touch(child.map(64 * MiB));
            return memory.killAndRelease(Duration.ofSeconds(30));
        }
    }

    /** A shell's child ends when it is told to, the shell collects its status, and then it is asked for here. */
    private static Answer exitStatusOfStranger() throws IOException, InterruptedException {
        String script = "exec 3<&0; (read word <&3; exit " + STATUS + ") & echo $!; wait";
        Process shell = new ProcessBuilder("sh", "-c", script).start();
        try (var output = shell.inputReader(StandardCharsets.UTF_8);
                var stranger = RemoteMemory.open(Long.parseLong(output.readLine()))) {
            shell.getOutputStream().close();
            shell.waitFor();
            return answer(stranger.awaitExit(Duration.ofSeconds(30)));
        } finally {
            shell.destroyForcibly();
        }
    }

    private static Answer answer(Optional<ExitStatus> status) {
        if (status.equals(Optional.of(new ExitStatus.Exited(STATUS)))) {
            return new Answer.Works();
        }
        return status.equals(Optional.of(new ExitStatus.Unknown()))
                ? new Answer.Unsupported("the kernel tells the parent only (all: Linux 6.15)")
                : new Answer.Failed(status.toString());
    }
}
