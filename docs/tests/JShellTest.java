import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The start-up script of JShell, run as a user runs it. */
final class JShellTest {

    private static final Path SCRIPT = Path.of("jshell", "remora").toAbsolutePath();

    private static String session(List<String> lines) throws IOException, InterruptedException {
        Path history =
                Files.createDirectories(Path.of("target", "jshell-history")).toAbsolutePath();
        var builder = new ProcessBuilder(
                        SCRIPT.toString(), "-J-Djava.util.prefs.userRoot=" + history, "--feedback", "normal")
                .redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process jshell = builder.start();
        CompletableFuture.delayedExecutor(2, TimeUnit.MINUTES).execute(jshell::destroyForcibly);
        try (var input = new OutputStreamWriter(jshell.getOutputStream(), StandardCharsets.UTF_8)) {
            for (String line : lines) {
                input.write(line + "\n");
            }
            input.write("/exit\n");
        }
        String said = new String(jshell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(jshell.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void greetsWithThreeThingsToTryAndTheyWork() throws IOException, InterruptedException {
        String said = session(List.of(
                "var child = SandboxedProcess.start(); var range = child.map(64 * MiB); child.touch(range)",
                "var memory = RemoteMemory.open(child.pid()); memory.mappings().anonymous().writable().matching()",
                "try { System.out.println(memory.ranges(range).pageOut()); }"
                        + " catch (PermissionDeniedException e) { System.out.println(e.getMessage()); }",
                "System.out.println(List.of(Advice.values()))",
                "memory.close(); child.close()"));
        assertThat(said)
                .contains("Three things to try")
                .containsPattern("memory ==> memory of process \\d+ \\(java\\)")
                .containsPattern("\\d+ mappings, [0-9.]+ MiB\n  0x[0-9a-f]+-0x[0-9a-f]+ +rw-p")
                .containsPattern("PAGEOUT of 64 MiB: all advised\n  0x[0-9a-f]+-0x[0-9a-f]+ 64 MiB advised"
                        + "|64 MiB skipped: there is not enough room in swap|CAP_SYS_NICE")
                .contains("[COLD, PAGEOUT, WILLNEED, COLLAPSE]")
                .doesNotContain("|  Error:")
                .doesNotContain("|  Exception")
                .doesNotContain("restricted method")
                .doesNotContain("StatusLogger");
    }
}
