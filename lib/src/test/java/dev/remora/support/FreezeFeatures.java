package dev.remora.support;

import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.FreezeMethod;
import dev.remora.FrozenOutcome;
import dev.remora.RemoteMemory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Processes that stand still. */
final class FreezeFeatures {

    private FreezeFeatures() {}

    static List<Feature> all() {
        return Stream.of(FreezeMethod.values())
                .map(method -> new Feature("act while frozen, " + method, (_, _) -> freeze(method)))
                .toList();
    }

    /** To somebody who is no child of this JVM, which could not be traced. It has no cgroup of its own. */
    private static Answer freeze(FreezeMethod method) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; read line; kill $!").start();
        try (var output = shell.inputReader();
                var memory = RemoteMemory.open(Long.parseLong(output.readLine()))) {
            return answer(memory.whileFrozen(
                    Duration.ofSeconds(30),
                    method,
                    frozen -> frozen.addressSpace().byteSize() > MiB));
        } finally {
            shell.getOutputStream().close();
            shell.waitFor();
        }
    }

    private static Answer answer(FrozenOutcome<Boolean> outcome) {
        if (outcome instanceof FrozenOutcome.NotFrozen<Boolean> not) {
            return switch (not.obstacle()) {
                case ROOT_CGROUP, SHARED_CGROUP, THREADED_CGROUP, NO_CGROUP ->
                    new Answer.NotTried("it takes a cgroup of its own, and here is none");
                default -> new Answer.Failed(not.toString());
            };
        }
        return outcome.stoodStill() && outcome.result().orElse(false)
                ? new Answer.Works()
                : new Answer.Failed(outcome.toString());
    }
}
