package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ends of all processes of a cgroup. */
@Tag("kernel")
final class CgroupKernelTest {

    enum Version {
        ONE("freezer.state", "/sys/fs/cgroup/freezer"),
        TWO("cgroup.kill", "/sys/fs/cgroup:/sys/fs/cgroup/unified");

        private final String file;
        /** Separated by colons. */
        private final String roots;

        Version(String file, String roots) {
            this.file = file;
            this.roots = roots;
        }

        /** Makes a group below the first root that is one of this version and may be written to. */
        Path make(String name) throws IOException {
            for (String place : roots.split(":", -1)) {
                Path root = Path.of(place);
                Path group = root.resolve(name);
                if (Files.exists(root.resolve("cgroup.procs")) && Files.isWritable(root)) {
                    Files.createDirectories(group);
                    if (Files.exists(group.resolve(file))) {
                        return group;
                    }
                    Files.delete(group);
                }
            }
            throw Skip.because(
                    "no hierarchy of version " + this + " that this user may make a cgroup in (run as root)");
        }
    }

    private static void move(long pid, Path group) throws IOException {
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
    }

    /** A process leaves its cgroup a moment after it has ended. */
    private static void remove(Path... groups) throws IOException, InterruptedException {
        for (Path group : groups) {
            for (int attempt = 0;
                    !Files.readString(group.resolve("cgroup.procs")).isEmpty();
                    attempt++) {
                assertThat(attempt).isLessThan(100);
                Thread.sleep(10);
            }
            Files.delete(group);
        }
    }

    @ParameterizedTest
    @EnumSource
    void allProcessesOfAGroupAndBelowAreEnded(Version version) throws Exception {
        Path group = version.make("remora-test-" + ProcessHandle.current().pid());
        Path below = Files.createDirectory(group.resolve("below"));
        try (var one = SandboxedProcess.start();
                var two = SandboxedProcess.start();
                var crowd = Specimen.start("crowd", 20);
                var elsewhere = Specimen.start("crowd", 0)) {
            one.touch(one.map(32 * MiB));
            move(one.pid(), group);
            move(two.pid(), below);
            for (long pid : crowd.numbers()) {
                move(pid, below);
            }
            GroupReleaseOutcome outcome = Cgroup.of(group).killAndRelease();
            List<Long> expected = new ArrayList<>(crowd.numbers());
            expected.addAll(List.of(one.pid(), two.pid()));
            assertThat(outcome.outcomes())
                    .extracting(ReleaseOutcome::pid)
                    .containsExactlyInAnyOrderElementsOf(expected);
            assertThat(outcome.released()).as(outcome.toString()).isTrue();
            assertThat(outcome).asString().startsWith("22 ended, 0 left; ").endsWith("and 6 more");
            assertThat(elsewhere.process().isAlive()).isTrue();
            assertThat(Cgroup.of(group).killAndRelease().outcomes()).isEmpty();
        }
        remove(below, group);
    }

    @ParameterizedTest
    @EnumSource
    void processesThatKeepReplacingThemselvesDoNotEscape(Version version) throws Exception {
        Path group =
                version.make("remora-test-spawning-" + ProcessHandle.current().pid());
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        "read line; exec \"$0\" spawning",
                        Specimen.program().toString())
                .start();
        move(shell.pid(), group);
        shell.getOutputStream().write('\n');
        shell.getOutputStream().flush();
        shell.getInputStream().read();
        GroupReleaseOutcome outcome = Cgroup.of(group).killAndRelease(Duration.ofSeconds(20));
        assertThat(outcome.left()).as(outcome.toString()).isZero();
        remove(group);
    }

    @Test
    void theCallersOwnGroupIsRefused() throws IOException {
        Path group =
                Version.TWO.make("remora-test-own-" + ProcessHandle.current().pid());
        String own = Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
                .filter(line -> line.startsWith("0::"))
                .findFirst()
                .orElseThrow()
                .substring("0::".length());
        Files.delete(group);
        Cgroup mine = Cgroup.of(Path.of(group.getParent() + own));
        assertThatThrownBy(mine::killAndRelease)
                .as("in a root, process 1 may come first")
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageMatching(
                        "Process (1 is the first of|" + ProcessHandle.current().pid() + " is the one) .*");
    }

    @Test
    void whatIsNoCgroupIsRefused(@TempDir Path directory) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cgroup.of(directory).killAndRelease())
                .withMessageContaining("cgroup.procs");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cgroup.of(directory.resolve("nowhere")).killAndRelease());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cgroup.of(directory).killAndRelease(Duration.ofNanos(-1)));
    }
}
