package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.jvm.OtherJvm;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A caller without CAP_SYS_NICE: it runs in a JVM of its own, from which root's right is taken away. */
@Tag("kernel")
final class UnprivilegedCallerKernelTest {

    /** What the other JVM runs: it prints what it is told. */
    static final class Caller {

        private Caller() {}

        public static void main(String[] arguments) {
            try (var child = SandboxedProcess.start();
                    var memory = RemoteMemory.open(child.handle())) {
                var range = child.map(memory.pageSize());
                System.out.println(
                        "mappings " + !memory.addressSpace().mappings().isEmpty());
                System.out.println(memory.ranges(range).markCold());
            } catch (PermissionDeniedException denied) {
                System.out.println("denied " + denied.getMessage());
            }
        }
    }

    @Test
    void isToldWhichRightIsMissingAndHowToGetIt() throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            line.addAll(List.of("setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"));
        }
        line.addAll(OtherJvm.line(Caller.class));
        String said = OtherJvm.run(line);
        Skip.unless(!said.contains("all advised"), "this ordinary user has CAP_SYS_NICE");
        assertThat(said)
                .contains("mappings true")
                .contains("denied process_madvise(process ")
                .contains("EPERM")
                .contains("CAP_SYS_NICE")
                .contains("--cap-add SYS_NICE");
    }
}
