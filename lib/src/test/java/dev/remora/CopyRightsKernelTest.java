package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MemoryRange;
import dev.remora.jvm.OtherJvm;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real callers that may not copy, or may not look at pages: what they are told is what they lack. */
@Tag("kernel")
final class CopyRightsKernelTest {

    private static final int EPERM = 1;

    /** What the other JVM runs: one verb on the process whose number it is given, or on a child of its own for 0. */
    static final class Caller {

        private Caller() {}

        public static void main(String[] arguments) {
            long pid = Long.parseLong(arguments[1]);
            if (pid != 0) {
                tell(arguments[0], pid);
                return;
            }
            try (var child = SandboxedProcess.start()) {
                tell(arguments[0], child.pid());
            }
        }

        private static void tell(String verb, long pid) {
            try (var memory = RemoteMemory.open(pid)) {
                System.out.println("done " + run(verb, memory));
            } catch (PermissionDeniedException denied) {
                System.out.println("denied " + denied.missingRights() + " " + denied.getMessage());
            } catch (IncompleteCopyException incomplete) {
                System.out.println("permitted " + incomplete.outcome());
            }
        }

        private static Object run(String verb, RemoteMemory memory) {
            MemoryRange somewhere = MemoryRange.of(1 << 20, memory.pageSize());
            return switch (verb) {
                case "read" -> memory.read(somewhere).length;
                case "write" -> {
                    memory.write(somewhere.address(), new byte[1]);
                    yield 1;
                }
                case "residency" -> memory.ranges(somewhere).residency();
                case "markUse" -> memory.markUse(UseMark.Pages.OF_FILES);
                default -> throw new AssertionError(verb);
            };
        }
    }

    private static String told(List<String> runner, String verb, long pid) throws IOException, InterruptedException {
        String said = OtherJvm.run(FewerRights.line(runner, OtherJvm.line(Caller.class, verb, Long.toString(pid))));
        System.out.print(said);
        return said;
    }

    @Test
    void anotherUsersProcessCannotBeCopied() throws Exception {
        Process nobody = FewerRights.processOfNobody();
        try {
            List<String> runner = FewerRights.withoutReading();
            assertThat(told(runner, "read", nobody.pid()))
                    .contains("denied [SAME_USER] process_vm_readv(0x100000, 4096 bytes): EPERM")
                    .contains("--cap-add SYS_PTRACE");
            assertThat(told(runner, "write", nobody.pid()))
                    .contains("denied [SAME_USER] openat(/proc/" + nobody.pid() + "/mem): EACCES");
            assertThat(told(runner, "residency", nobody.pid()))
                    .contains("denied [SAME_USER] openat(/proc/" + nobody.pid() + "/pagemap): EACCES");
            assertThat(told(List.of(), "read", nobody.pid())).contains("permitted ");
            assertThat(told(List.of(), "write", nobody.pid())).contains("permitted ");
            assertThat(nobody.isAlive()).isTrue();
        } finally {
            nobody.destroyForcibly().waitFor();
        }
    }

    @Test
    void marksOfAnotherUsersProcessTakeTheRightToWriteItsFiles() throws Exception {
        Process nobody = FewerRights.processOfNobody();
        try {
            assertThat(told(FewerRights.without("dac_override"), "markUse", nobody.pid()))
                    .contains("openat(/proc/" + nobody.pid() + "/clear_refs): EACCES")
                    .contains("denied ");
            assertThat(told(List.of(), "markUse", nobody.pid())).contains("done mark on the use of OF_FILES pages");
        } finally {
            nobody.destroyForcibly().waitFor();
        }
    }

    @Test
    void aFilterThatForbidsToReadIsNamed() throws Exception {
        List<String> filtering = List.of(
                Specimen.program().toString(),
                "filtering",
                Integer.toString(Syscall.PROCESS_VM_READV.number()),
                Integer.toString(EPERM));
        Process other = new ProcessBuilder("cat").start();
        try {
            assertThat(told(filtering, "read", other.pid())).contains("denied [SECCOMP_FILTER");
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    /** Neither tracing nor writing by number is possible, and yet it is written, through the file. */
    @Test
    void withoutTracingTheFileIsWritten() throws Exception {
        List<String> filtering = List.of(
                Specimen.program().toString(),
                "filtering",
                Integer.toString(Syscall.PTRACE.number()),
                Integer.toString(EPERM));
        Process other = new ProcessBuilder("cat").start();
        try {
            assertThat(told(filtering, "write", other.pid()))
                    .contains("permitted ")
                    .contains("nothing is mapped");
        } finally {
            other.destroyForcibly().waitFor();
        }
    }
}
