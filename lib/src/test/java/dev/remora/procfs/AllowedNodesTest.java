package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.syscall.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class AllowedNodesTest {

    @Test
    void readsTheListAndNotTheMask() {
        String status =
                "Name:\tMems_allowed_list:\nMems_allowed:\t00000000,0000010f\nMems_allowed_list:\t0-3,8\nx:\t1\n";
        assertThat(AllowedNodes.parse(status)).hasValue("0-3,8");
        try (var process = ProcDirectory.open(new ScriptedProc(status), 4711)) {
            assertThat(AllowedNodes.read(process)).hasValue("0-3,8");
        }
    }

    @Test
    void aKernelWithoutCpusetsHasNoList() {
        assertThat(AllowedNodes.parse("Name:\tjava\nThreads:\t1\n")).isEmpty();
    }

    @Test
    @Tag("kernel")
    void readsThisProcess() throws IOException {
        try (var self = ProcDirectory.ofThisProcess(LinuxKernel.instance())) {
            assertThat(AllowedNodes.read(self))
                    .isEqualTo(AllowedNodes.parse(Files.readString(Path.of("/proc/self/status"))));
        }
    }
}
