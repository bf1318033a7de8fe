package dev.remora.support;

import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.RemoteMemory;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Copying memory of another process, also of one that is no child of this JVM, which is held in another way. */
final class CopyFeatures {

    private CopyFeatures() {}

    static List<Feature> all() {
        return List.of(
                new Feature("read memory", CopyFeatures::read),
                new Feature("write memory of a child", CopyFeatures::write),
                new Feature("write memory of a stranger", (_, _) -> writeToStranger()));
    }

    private static Answer read(SandboxedProcess child, RemoteMemory memory) {
        MemoryRange range = child.map(MiB);
        return memory.read(range).length == MiB ? new Answer.Works() : new Answer.Failed("bytes are missing");
    }

    private static Answer write(SandboxedProcess child, RemoteMemory memory) {
        return write(memory, child.map(MiB).address());
    }

    /** It runs no other program, whose memory would be another one. */
    private static Answer writeToStranger() throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", "exec 3<&0; (read word <&3) & echo $!; wait").start();
        try (var output = shell.inputReader();
                var memory = RemoteMemory.open(Long.parseLong(output.readLine()))) {
            var stack = memory.mappings().named("[stack]").matching().mappings().getFirst();
            return write(memory, stack.address());
        } finally {
            shell.getOutputStream().close();
            shell.waitFor();
        }
    }

    private static Answer write(RemoteMemory memory, long address) {
        byte[] bytes = {1, 2, 3};
        memory.write(address, bytes);
        return Arrays.equals(memory.read(MemoryRange.of(address, bytes.length)), bytes)
                ? new Answer.Works()
                : new Answer.Failed("other bytes came back");
    }
}
