package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.bindings.Linux;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
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
    private static void remove(Path... groups) {
        for (Path group : groups) {
            Await.until(() -> group.toFile().delete());
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
            awaitEmpty(group);
        }
        remove(below, group);
    }

    /** Those that have given up their memory, but for what they shared, belong to the group until they have ended. */
    private static void awaitEmpty(Path group) {
        Await.until(() -> {
            List<ReleaseOutcome> again = Cgroup.of(group).killAndRelease().outcomes();
            assertThat(again)
                    .allSatisfy(outcome ->
                            assertThat(outcome.figures().residentBytesBefore()).isLessThan(32 * MiB));
            return again.isEmpty();
        });
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

    @ParameterizedTest
    @EnumSource
    void moreThanThereAreFilesForAreEndedAllTheSame(Version version) throws Exception {
        Path group = version.make("remora-test-files-" + ProcessHandle.current().pid());
        try (var crowd = Specimen.start("crowd", 20)) {
            for (long pid : crowd.numbers()) {
                move(pid, group);
            }
            GroupReleaseOutcome outcome = Cgroup.of(group, new FewFiles(20)).killAndRelease(Duration.ofSeconds(20));
            assertThat(outcome.outcomes())
                    .extracting(ReleaseOutcome::pid)
                    .containsExactlyInAnyOrderElementsOf(crowd.numbers());
            assertThat(outcome.left()).as(outcome.toString()).isZero();
            assertThat(outcome.outcomes())
                    .as("who ends faster than it can be released needs two more files to be verified")
                    .allMatch(each -> each.released() || each instanceof ReleaseOutcome.Unverified);
        }
        remove(group);
    }

    /** The kernel, where not many files may be open. */
    private record FewFiles(int limit, AtomicInteger open) implements Kernel {

        private static final Set<Integer> OPENING =
                Set.of(Syscall.OPENAT.number(), Syscall.PIDFD_OPEN.number(), Syscall.FCNTL.number());

        FewFiles(int limit) {
            this(limit, new AtomicInteger());
        }

        @Override
        public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
            boolean opens = OPENING.contains(number);
            if (opens && open.get() >= limit) {
                return -Linux.EMFILE();
            }
            long result = LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
            if (opens && result >= 0) {
                open.incrementAndGet();
            } else if (number == Syscall.CLOSE.number()) {
                open.decrementAndGet();
            }
            return result;
        }
    }

    @Test
    void whoLeavesTheGroupJustBeforeItIsKilledIsEndedToo() throws Exception {
        Path group = Version.TWO.make(
                "remora-test-leaving-" + ProcessHandle.current().pid());
        Path elsewhere =
                Version.TWO.make("remora-test-left-" + ProcessHandle.current().pid());
        try (var process = SandboxedProcess.start()) {
            move(process.pid(), group);
            Kernel leaving = (number, a0, a1, a2, a3, a4, a5) -> {
                if (number == Syscall.OPENAT.number()
                        && MemorySegment.ofAddress(a1)
                                .reinterpret(4096)
                                .getString(0)
                                .equals("cgroup.kill")) {
                    try {
                        move(process.pid(), elsewhere);
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                }
                return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
            };
            GroupReleaseOutcome outcome = Cgroup.of(group, leaving).killAndRelease(Duration.ofSeconds(5));
            assertThat(outcome.outcomes()).hasSize(1);
            assertThat(outcome.released()).as(outcome.toString()).isTrue();
        }
        remove(elsewhere, group);
    }

    @Test
    void aThreadedGroupBelowIsNoObstacle() throws Exception {
        Path group = Version.TWO.make(
                "remora-test-threaded-" + ProcessHandle.current().pid());
        Path below = Files.createDirectory(group.resolve("below"));
        Files.writeString(below.resolve("cgroup.type"), "threaded");
        try (var process = SandboxedProcess.start()) {
            move(process.pid(), group);
            Files.writeString(below.resolve("cgroup.threads"), Long.toString(process.pid()));
            GroupReleaseOutcome outcome = Cgroup.of(group).killAndRelease();
            assertThat(outcome.outcomes()).hasSize(1);
            assertThat(outcome.released()).as(outcome.toString()).isTrue();
        }
        Files.delete(below);
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
