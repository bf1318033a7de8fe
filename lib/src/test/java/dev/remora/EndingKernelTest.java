package dev.remora;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.ReleaseOutcome.Reaped;
import dev.remora.ReleaseOutcome.ReleasedByExit;
import dev.remora.ReleaseOutcome.ReleasedByExit.Cause;
import dev.remora.ReleaseOutcome.StillShared;
import dev.remora.ReleaseOutcome.TimedOut;
import dev.remora.ReleaseOutcome.TimedOut.Obstacle;
import dev.remora.bindings.Linux;
import dev.remora.jvm.OtherJvm;
import dev.remora.preconditions.Skip;
import dev.remora.process.PidFd;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.EndingCalls;
import dev.remora.syscall.LinuxKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ends of real processes. */
@Tag("kernel")
final class EndingKernelTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private static boolean root() {
        return System.getProperty("user.name").equals("root");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 64, 1024})
    void memoryOfAnySizeIsBackWhenTheOutcomeSaysSo(long mebibytes) {
        try (var child = SandboxedProcess.start(16 * GiB);
                var memory = RemoteMemory.open(child.handle())) {
            child.touch(child.map(mebibytes * MiB));
            ReleaseOutcome outcome = memory.killAndRelease(LONG);
            assertThat(outcome.released()).as(outcome.toString()).isTrue();
            assertThat(outcome.figures().residentBytesBefore()).isGreaterThan(mebibytes * MiB);
            assertThat(outcome.figures().residentBytesAfter()).isLessThan(64 * MiB);
            assertThat(outcome.figures().timeToKill()).isPresent();
        }
    }

    @Test
    void anUrgentCallerReapsNearlyAlways() {
        Skip.unless(root(), "only who may become a real-time thread wins nearly always (run as root)");
        assertThat(Await.inTimeOnce(() -> reapedOfForty() >= 36)).isTrue();
    }

    private static int reapedOfForty() {
        int reaped = 0;
        for (int i = 0; i < 40; i++) {
            try (var victim = Specimen.start("crowd", 0);
                    var memory = RemoteMemory.open(victim.pid())) {
                reaped += memory.killAndRelease(LONG) instanceof Reaped ? 1 : 0;
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        System.out.println("reaped " + reaped + " of 40 small processes");
        return reaped;
    }

    @Test
    void aLivingProcessCannotBeReleased() {
        try (var child = SandboxedProcess.start();
                PidFd pidFd = PidFd.open(LinuxKernel.instance(), (int) child.pid())) {
            assertThat(new EndingCalls(LinuxKernel.instance()).release(pidFd.descriptor()))
                    .isEqualTo(-Linux.EINVAL());
            assertThat(pidFd.exited()).isFalse();
            child.touch(child.map(MiB));
        }
    }

    @Test
    void aThreadOfTheKernelHasNothingToRelease() throws IOException {
        Path command = Path.of("/proc/2/comm");
        Skip.unless(
                Files.exists(command) && Files.readString(command).strip().equals("kthreadd"),
                "process 2 is not kthreadd here: a pid namespace hides the threads of the kernel");
        try (PidFd pidFd = PidFd.open(LinuxKernel.instance(), 2)) {
            assertThat(new EndingCalls(LinuxKernel.instance()).release(pidFd.descriptor()))
                    .isIn((long) -Linux.ESRCH(), (long) -Linux.EINVAL());
        }
    }

    @Test
    void memoryThatALivingProcessSharesIsNotBackAndTheSharerIsNamed() throws IOException {
        for (int i = 0; i < 5; i++) {
            try (var first = Specimen.start("sharing", 32 * MiB);
                    var memory = RemoteMemory.open(first.pid())) {
                long second = first.numbers().getFirst();
                ReleaseOutcome outcome = memory.killAndRelease(LONG);
                assertThat(outcome.released()).isFalse();
                assertThat(outcome.figures().residentBytesAfter()).isGreaterThan(32 * MiB);
                assertThat(outcome).isInstanceOfSatisfying(StillShared.class, shared -> {
                    if (root()) {
                        assertThat(shared.sharerPid()).isEqualTo(OptionalLong.of(second));
                    }
                });
                try (var other = RemoteMemory.open(second)) {
                    assertThat(other.killAndRelease(LONG).released()).isTrue();
                }
            }
        }
    }

    @Test
    void whoUsesTheMemoryForAMomentOnlyIsNoSharer() {
        assertThat(Await.inTimeOnce(EndingKernelTest::killedWhileStartingIsReleased))
                .isTrue();
    }

    private static boolean killedWhileStartingIsReleased() {
        try (var parent = Specimen.start("starting", 32 * MiB);
                var memory = RemoteMemory.open(parent.pid())) {
            Await.until(() -> parent.process().children().findAny().isPresent());
            return memory.killAndRelease(LONG).released();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void lockedMemoryIsReleasedToo() throws IOException {
        Skip.unless(root(), "locking this much memory takes root");
        Skip.unless(kernelIsAtLeast(5, 18), "before Linux 5.18 locked memory waits for the exit");
        try (var victim = Specimen.start("locked", 64 * MiB);
                var memory = RemoteMemory.open(victim.pid())) {
            ReleaseOutcome outcome = memory.killAndRelease(LONG);
            assertThat(outcome).as("its exit may be faster").isInstanceOfAny(Reaped.class, ReleasedByExit.class);
            assertThat(outcome.figures().residentBytesBefore()).isGreaterThan(64 * MiB);
            assertThat(outcome.figures().residentBytesAfter()).isLessThan(16 * MiB);
        }
    }

    private static boolean kernelIsAtLeast(int major, int minor) {
        String[] version = System.getProperty("os.version").split("[^0-9]+", -1);
        int have = Integer.parseInt(version[0]);
        return have > major || (have == major && Integer.parseInt(version[1]) >= minor);
    }

    @Test
    void aProcessWhoseMainThreadHasEndedIsEndedWithTheOthers() throws IOException {
        try (var leaderless = Specimen.start("leaderless", 64 * MiB)) {
            while (!Files.readString(Path.of("/proc/" + leaderless.pid() + "/stat"))
                    .contains(") Z ")) {
                Thread.onSpinWait();
            }
            try (var memory = RemoteMemory.open(leaderless.pid())) {
                ReleaseOutcome outcome = memory.killAndRelease(LONG);
                assertThat(outcome.released()).as(outcome.toString()).isTrue();
                assertThat(outcome.figures().residentBytesBefore()).isGreaterThan(64 * MiB);
                assertThat(outcome.figures().residentBytesAfter()).isLessThan(16 * MiB);
            }
        }
    }

    @Test
    void aZombieHasGivenItsMemoryBack() throws IOException, InterruptedException {
        try (var parent = Specimen.start("orphanage");
                var memory = RemoteMemory.open(parent.numbers().getFirst())) {
            DyingProcess dying = memory.kill();
            assertThat(memory.awaitExit(LONG)).contains(new ExitStatus.Unknown());
            assertThat(Files.readString(Path.of("/proc/" + memory.pid() + "/stat")))
                    .contains(") Z ");
            ReleaseOutcome outcome = dying.releaseMemory();
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            ReleasedByExit.class,
                            released -> assertThat(released.cause()).isEqualTo(Cause.FASTER));
            ReleaseOutcome onceMore = memory.killAndRelease();
            if (System.getProperty("user.name").equals("root")) {
                assertThat(onceMore)
                        .isInstanceOfSatisfying(
                                ReleasedByExit.class,
                                released -> assertThat(released.cause()).isEqualTo(Cause.ALREADY_GONE));
            } else {
                assertThat(onceMore)
                        .as("a zombie is refused to who has no CAP_SYS_PTRACE")
                        .isInstanceOf(ReleaseOutcome.Unverified.class);
            }
        }
    }

    @Test
    void aStoppedProcessIsEnded() throws IOException, InterruptedException {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            child.touch(child.map(64 * MiB));
            new ProcessBuilder("kill", "-STOP", Long.toString(child.pid()))
                    .start()
                    .waitFor();
            assertThat(memory.terminate(Duration.ofMillis(50)).released()).isTrue();
            assertThat(memory.awaitExit(LONG)).contains(new ExitStatus.Signaled(9, false));
        }
    }

    @Test
    void aProcessInAnotherPidNamespaceIsEnded() throws IOException, InterruptedException {
        Process outside = new ProcessBuilder("unshare", "--pid", "--fork", "--kill-child", "sleep", "1000")
                .redirectErrorStream(true)
                .start();
        try {
            List<ProcessHandle> inside = List.of();
            while (inside.isEmpty() && outside.isAlive()) {
                inside = outside.children().toList();
            }
            Skip.unless(outside.isAlive(), "no pid namespace can be made here (run as root)");
            try (var memory = RemoteMemory.open(inside.getFirst())) {
                assertThat(memory.killAndRelease(LONG).released()).isTrue();
            }
        } finally {
            outside.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatDependsOnAPoliteRequestIsLeftToTheProcess() throws IOException {
        Process polite = new ProcessBuilder("sleep", "1000").start();
        try (var memory = RemoteMemory.open(polite.toHandle())) {
            ReleaseOutcome outcome = memory.terminate(LONG);
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            ReleasedByExit.class,
                            released -> assertThat(released.cause()).isEqualTo(Cause.TERMINATED));
            assertThat(outcome.figures().timeToKill()).isEmpty();
        }
    }

    @Test
    void whoIgnoresThePoliteRequestIsKilled() throws IOException, InterruptedException {
        Process deaf = new ProcessBuilder("sh", "-c", "trap '' TERM; echo ready; exec sleep 1000").start();
        deaf.getInputStream().read();
        try (var memory = RemoteMemory.open(deaf.toHandle())) {
            ReleaseOutcome outcome = memory.terminate(Duration.ofMillis(50));
            assertThat(outcome.released()).isTrue();
            assertThat(outcome.figures().timeToKill().orElseThrow()).isGreaterThan(Duration.ofMillis(50));
            assertThat(memory.awaitExit(LONG)).contains(new ExitStatus.Signaled(9, false));
        }
    }

    @Test
    void howAChildEndedIsToldAlthoughJavaCollectsItsStatusToo() throws Exception {
        for (int i = 0; i < 50; i++) {
            Process child = new ProcessBuilder("sh", "-c", "read line; exit 3").start();
            try (var memory = RemoteMemory.open(child.toHandle())) {
                CompletableFuture<ExitStatus> exit = memory.onExit();
                assertThat(memory.awaitExit(Duration.ZERO)).isEmpty();
                child.getOutputStream().close();
                ExitStatus status = exit.get(1, TimeUnit.MINUTES);
                Skip.unless(
                        !(status instanceof ExitStatus.Unknown),
                        "this kernel does not tell the status once Java has collected it (Linux 6.15 does)");
                assertThat(status).isEqualTo(new ExitStatus.Exited(3));
                assertThat(child.waitFor()).as("what Java is told").isEqualTo(3);
            }
        }
    }

    @Test
    void anInterruptedCallerHasKilledTheProcessAndIsTold() throws Exception {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            child.touch(child.map(256 * MiB));
            var outcome = new CompletableFuture<ReleaseOutcome>();
            Thread caller = Thread.ofPlatform().start(() -> {
                Thread.currentThread().interrupt();
                outcome.complete(memory.kill().releaseMemory(LONG));
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
            caller.join();
            assertThat(outcome.get())
                    .satisfiesAnyOf(
                            reaped -> assertThat(reaped.released()).isTrue(),
                            late -> assertThat(((TimedOut) late).obstacle()).isEqualTo(Obstacle.INTERRUPTED));
            assertThat(memory.awaitExit(LONG)).contains(new ExitStatus.Signaled(9, false));
        }
    }

    @Test
    void aWaitIsInterruptible() throws Exception {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            var interrupted = new CompletableFuture<Boolean>();
            Thread waiting = Thread.ofVirtual().start(() -> {
                try {
                    var _ = memory.awaitExit(LONG);
                    interrupted.complete(false);
                } catch (InterruptedException expected) {
                    interrupted.complete(true);
                }
            });
            waiting.interrupt();
            assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aThousandProcessesAreEndedInParallel() throws Exception {
        long before = Proc.openDescriptors();
        List<RemoteMemory> memories = new ArrayList<>();
        try (var crowd = Specimen.start("crowd", 1000);
                var threads = Executors.newFixedThreadPool(8)) {
            crowd.numbers().forEach(pid -> memories.add(RemoteMemory.open(pid)));
            List<CompletableFuture<ExitStatus>> exits =
                    memories.stream().map(RemoteMemory::onExit).toList();
            List<Future<ReleaseOutcome>> outcomes = threads.invokeAll(memories.stream()
                    .map(memory -> (java.util.concurrent.Callable<ReleaseOutcome>) memory::killAndRelease)
                    .toList());
            for (Future<ReleaseOutcome> outcome : outcomes) {
                assertThat(outcome.get().released())
                        .as(outcome.get().toString())
                        .isTrue();
            }
            CompletableFuture.allOf(exits.toArray(CompletableFuture[]::new)).get(1, TimeUnit.MINUTES);
            assertThat(crowd.process().isAlive()).isTrue();
        }
        memories.forEach(RemoteMemory::close);
        assertDescriptorsAreClosed(before + 1);
    }

    @Test
    void waitingForFiveThousandProcessesCostsOneThread() throws Exception {
        int many = 5000;
        try (var crowd = Specimen.start("crowd", many)) {
            long descriptors = Proc.openDescriptors();
            long threads = platformThreads();
            List<CompletableFuture<ExitStatus>> exits = new ArrayList<>();
            for (long pid : crowd.numbers()) {
                try (var memory = RemoteMemory.open(pid)) {
                    exits.add(memory.onExit());
                }
            }
            assertThat(exits).hasSize(many);
            assertThat(platformThreads() - threads).isLessThanOrEqualTo(1);
            assertThat(Proc.openDescriptors() - descriptors)
                    .as("but for pipes to an earlier process that Java closes meanwhile")
                    .isBetween(many - 100L, many + 1L);
            crowd.close();
            CompletableFuture.allOf(exits.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
            assertDescriptorsAreClosed(descriptors + 1);
        }
    }

    /** Java closes the pipes to a process that has ended in its own time. */
    private static void assertDescriptorsAreClosed(long but) {
        Await.until(() -> Proc.openDescriptors() <= but);
    }

    private static long platformThreads() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.filter(EndingKernelTest::isOurs).count();
        }
    }

    /** Java starts and ends threads of its own at any time, for compiling, and for virtual threads. */
    private static boolean isOurs(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).startsWith("remora");
        } catch (IOException ended) {
            return false;
        }
    }

    /** What the other JVM runs: it tries to end the process whose number it is given. */
    static final class Stranger {

        private Stranger() {}

        public static void main(String[] arguments) {
            try (var memory = RemoteMemory.open(Long.parseLong(arguments[0]))) {
                System.out.println(memory.killAndRelease());
            } catch (PermissionDeniedException denied) {
                System.out.println("denied " + denied.getMessage());
            }
        }
    }

    @Test
    void anotherUsersProcessIsRefusedWithTheMissingRight() throws Exception {
        Skip.unless(root(), "only root can be two users");
        Process victim = new ProcessBuilder("setpriv", "--reuid=65534", "--clear-groups", "sleep", "1000").start();
        try {
            List<String> line = new ArrayList<>(List.of("setpriv", "--bounding-set=-kill", "--inh-caps=-kill"));
            line.addAll(OtherJvm.line(Stranger.class, Long.toString(victim.pid())));
            Await.until(() -> Proc.sleeps(victim.pid(), "sleep"));
            assertThat(OtherJvm.run(line)).contains("denied pidfd_send_signal(process ", "EPERM", "CAP_KILL");
            assertThat(victim.isAlive()).isTrue();
            try (var memory = RemoteMemory.open(victim.toHandle())) {
                assertThat(memory.killAndRelease().released()).isTrue();
            }
        } finally {
            victim.destroyForcibly().waitFor();
        }
    }

    @Test
    void theCallerDoesNotEndItself() {
        try (var memory = RemoteMemory.open(ProcessHandle.current())) {
            assertThatThrownBy(memory::kill).isInstanceOf(UnsupportedOperationException.class);
        }
    }
}
