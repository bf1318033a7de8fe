package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.jvm.OtherJvm;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.specimen.Torment;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What it means that a process stands still, by every method. */
@Tag("kernel")
@Timeout(120)
final class FreezingKernelTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final MemoryPolicy HERE = MemoryPolicy.bind(NodeSet.of(0));

    @ParameterizedTest
    @EnumSource
    void nothingRunsWhileTheActionDoesAndEverythingAfterwards(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            target.awaitProgress();
            FrozenOutcome<Long> outcome = memory.whileFrozen(LONG, method, frozen -> {
                List<Long> before = target.counters();
                for (int i = 0; i < 20; i++) {
                    assertThat(frozen.addressSpace().mappings()).isNotEmpty();
                    LockSupport.parkNanos(1_000_000);
                }
                assertThat(target.counters()).isEqualTo(before);
                return frozen.pid();
            });
            assertThat(outcome).isInstanceOf(FrozenOutcome.Done.class);
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(outcome.method()).isEqualTo(method);
            assertThat(outcome.result()).contains(target.pid());
            assertThat(((FrozenOutcome.Done<Long>) outcome).standstill()).isBetween(Duration.ofMillis(20), LONG);
            target.awaitProgress();
        }
    }

    /** Each thread lives for some microseconds, and there is always another one. */
    @ParameterizedTest
    @EnumSource
    void threadsThatComeAndGoDoNotEscape(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startChainsFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            for (int i = 0; i < 20; i++) {
                FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> {
                    List<Long> before = target.counters();
                    LockSupport.parkNanos(2_000_000);
                    return target.counters().equals(before);
                });
                assertThat(outcome.stoodStill()).as(outcome.toString()).isTrue();
                assertThat(outcome.result()).contains(true);
                target.awaitProgress();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatTheActionThrowsIsThrownAndItRunsOn(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> memory.whileFrozen(LONG, method, _ -> {
                        throw new IllegalStateException("thrown by the action");
                    }))
                    .withMessage("thrown by the action");
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whenTheLimitIsOverItRunsThoughTheActionDoesNotEnd(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<String> outcome = memory.whileFrozen(Duration.ofMillis(500), method, _ -> {
                target.awaitProgress();
                return "it ran";
            });
            assertThat(outcome).isInstanceOf(FrozenOutcome.TimedOut.class);
            assertThat(outcome.stoodStill()).isFalse();
            assertThat(outcome.result()).contains("it ran");
            assertThat(((FrozenOutcome.TimedOut<String>) outcome).standstill())
                    .isGreaterThanOrEqualTo(Duration.ofMillis(500));
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptIsForTheActionToSee(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            Thread.currentThread().interrupt();
            FrozenOutcome<Boolean> outcome =
                    memory.whileFrozen(LONG, method, _ -> Thread.currentThread().isInterrupted());
            assertThat(Thread.interrupted()).isTrue();
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(outcome.result()).contains(true);
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProcessThatWasStoppedStaysStopped(FreezeMethod method) throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            send("STOP", target.pid());
            Await.until(() -> target.state() == 'T');
            List<Long> before = target.counters();
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> true);
            if (method != FreezeMethod.CGROUP_V1) {
                assertThat(outcome.stoodStill()).as(outcome.toString()).isTrue();
            }
            Await.until(() -> target.state() == 'T');
            assertThat(target.counters()).isEqualTo(before);
            send("CONT", target.pid());
            target.awaitProgress();
        }
    }

    private static void send(String signal, long pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void aGroupThatWasFrozenStaysFrozen(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            target.group().freeze();
            assertThat(memory.whileFrozen(LONG, method, _ -> true).stoodStill()).isTrue();
            assertThat(target.group().askedToFreeze()).isTrue();
            assertThat(target.group().frozen()).isTrue();
            target.group().thaw();
            target.awaitProgress();
        }
    }

    /** What is frozen takes no signal but SIGKILL, and can be traced with version 2 only. */
    @ParameterizedTest
    @EnumSource(names = {"PTRACE", "SIGSTOP"})
    void aFrozenGroupIsNoReasonToHang(FreezeMethod method) throws IOException {
        for (FreezeMethod before : List.of(FreezeMethod.CGROUP_V1, FreezeMethod.CGROUP_V2)) {
            try (FreezeTarget target = FreezeTarget.startFor(before);
                    RemoteMemory memory = RemoteMemory.open(target.pid())) {
                target.group().freeze();
                FrozenOutcome<Boolean> outcome = memory.whileFrozen(Duration.ofSeconds(2), method, _ -> true);
                if (before == FreezeMethod.CGROUP_V1 || method == FreezeMethod.SIGSTOP) {
                    assertThat(outcome)
                            .isEqualTo(new FrozenOutcome.NotFrozen<Boolean>(
                                    method, FreezeObstacle.NOT_IN_TIME, OptionalLong.empty()));
                } else {
                    assertThat(outcome.stoodStill()).as(outcome.toString()).isTrue();
                }
                assertThat(target.group().frozen()).isTrue();
                target.group().thaw();
                target.awaitProgress();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneFreezeAtATime(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid());
                RemoteMemory another = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, frozen -> {
                for (FreezeMethod second : FreezeMethod.values()) {
                    assertHeld(frozen.whileFrozen(LONG, second, _ -> true));
                    assertHeld(CompletableFuture.supplyAsync(() -> another.whileFrozen(LONG, second, _ -> true))
                            .join());
                }
                return true;
            });
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(another.whileFrozen(LONG, method, _ -> true).stoodStill())
                    .isTrue();
            target.awaitProgress();
        }
    }

    private static void assertHeld(FrozenOutcome<Boolean> outcome) {
        assertObstacle(outcome, FreezeObstacle.HELD_ALREADY);
    }

    private static void assertObstacle(FrozenOutcome<?> outcome, FreezeObstacle obstacle) {
        assertThat(outcome).isInstanceOf(FrozenOutcome.NotFrozen.class);
        assertThat(((FrozenOutcome.NotFrozen<?>) outcome).obstacle()).isEqualTo(obstacle);
        assertThat(outcome.result()).isEmpty();
        assertThat(outcome.toString()).contains(outcome.method() + ": " + obstacle.explanation());
    }

    @ParameterizedTest
    @EnumSource
    @RequiresRightToAdvise
    void verbsWorkOnWhatStandsStill(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<AdviceOutcome> advised = memory.whileFrozen(
                    LONG, method, frozen -> frozen.mappings().anonymous().markCold());
            assertThat(advised.stoodStill()).isTrue();
            assertThat(advised.result().orElseThrow().advisedBytes()).isPositive();
            FrozenOutcome<AdviceOutcome> pagedOut = memory.whileFrozen(
                    LONG, method, frozen -> frozen.mappings().fileBacked().pageOut());
            assertThat(pagedOut.result().orElseThrow().advisedBytes()).isPositive();
            FrozenOutcome<MoveOutcome> moved = memory.whileFrozen(
                    LONG, method, frozen -> frozen.mappings().named("[stack]").moveTo(NodeSet.of(0)));
            assertThat(moved.stoodStill()).isTrue();
            assertThat(moved.result().orElseThrow()).isInstanceOf(MoveOutcome.Complete.class);
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource
    @RequiresRightToAdvise
    void aProcessThatStandsStillPlacesItsMemoryOrSaysWhyNot(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<PlacementOutcome> outcome = memory.whileFrozen(LONG, method, frozen -> {
                List<Long> before = target.counters();
                PlacementOutcome first = frozen.mappings().named("[stack]").place(HERE, Mechanism.INJECTED);
                PlacementOutcome second = frozen.mappings().named("[stack]").place(HERE, Mechanism.INJECTED);
                assertThat(second.getClass()).isEqualTo(first.getClass());
                assertThat(target.counters()).isEqualTo(before);
                return second;
            });
            PlacementOutcome placed = outcome.result().orElseThrow();
            if (method == FreezeMethod.CGROUP_V1 || method == FreezeMethod.CGROUP_V2) {
                assertThat(placed)
                        .isInstanceOfSatisfying(
                                PlacementOutcome.NotInjected.class,
                                not -> assertThat(not.obstacle())
                                        .isEqualTo(
                                                method == FreezeMethod.CGROUP_V2
                                                        ? InjectionObstacle.FROZEN
                                                        : InjectionObstacle.NO_THREAD));
            } else {
                assertThat(placed).as(placed.toString()).isInstanceOf(PlacementOutcome.Complete.class);
            }
            assertThat(outcome.stoodStill()).as(outcome.toString()).isTrue();
            target.awaitProgress();
            assertThat(memory.mappings().named("[stack]").place(MemoryPolicy.systemDefault(), Mechanism.INJECTED))
                    .isInstanceOf(PlacementOutcome.Complete.class);
        }
    }

    /** Its filter refuses mbind; it stands still before it is known that it is to make that call. */
    @Test
    @RequiresRightToAdvise
    void aConfinedProcessThatStandsStillPlacesItsMemoryIfSeccompIsSuspended() throws Exception {
        String mbind = Integer.toString(Syscall.MBIND.number());
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        "\"$0\" filtering " + mbind + " 1 sleep 1000 & echo $!; read line; kill $!",
                        Specimen.program().toString())
                .start();
        try (var output = shell.inputReader();
                RemoteMemory memory = RemoteMemory.open(Long.parseLong(output.readLine()))) {
            Await.until(() -> status(memory.pid()).contains("Seccomp:\t2")
                    && memory.mappings().named("[stack]").matching().size() == 1);
            FrozenOutcome<List<PlacementOutcome>> outcome = memory.whileFrozen(LONG, FreezeMethod.PTRACE, frozen -> {
                MappingSelection stack = frozen.mappings().named("[stack]");
                return List.of(
                        stack.place(HERE, Mechanism.INJECTED),
                        stack.place(HERE, Mechanism.INJECTED.suspendingSeccomp()),
                        stack.place(HERE, Mechanism.INJECTED));
            });
            assertThat(outcome.stoodStill()).isTrue();
            List<PlacementOutcome> placed = outcome.result().orElseThrow();
            assertThat(placed.get(0))
                    .isInstanceOfSatisfying(
                            PlacementOutcome.NotInjected.class,
                            not -> assertThat(not.obstacle()).isEqualTo(InjectionObstacle.CONFINED));
            assertThat(placed.get(1)).isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(placed.get(2)).isInstanceOf(PlacementOutcome.NotInjected.class);
            assertThat(status(memory.pid())).contains("Seccomp:\t2").contains("TracerPid:\t0");
        } finally {
            shell.getOutputStream().close();
            shell.waitFor();
        }
    }

    private static String status(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/status"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoIsKilledWhileItStandsStillIsGoneAfterwards(FreezeMethod method) throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Long> outcome =
                    memory.whileFrozen(LONG, method, frozen -> frozen.kill().pid());
            assertThat(outcome.result()).contains(target.pid());
            assertThat(memory.awaitExit(Duration.ofSeconds(20))).isPresent();
            assertThat(memory.whileFrozen(LONG, method, _ -> true))
                    .isEqualTo(new FrozenOutcome.ProcessGone<Boolean>(method));
            assertThat(memory.whileFrozen(LONG, _ -> true)).isInstanceOf(FrozenOutcome.ProcessGone.class);
        }
    }

    /** Each of its threads stays until its tracer, which is the freeze, has seen its end; version 1 keeps all of them. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CGROUP_V1")
    void whoIsKilledEndsWhileTheActionGoesOn(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, frozen -> {
                var _ = frozen.kill();
                return awaitedExit(memory);
            });
            assertThat(outcome.result()).contains(true);
            assertThat(outcome).isInstanceOf(FrozenOutcome.Done.class);
        }
    }

    private static boolean awaitedExit(RemoteMemory memory) {
        try {
            return memory.awaitExit(LONG.dividedBy(2)).isPresent();
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** What another JVM runs: it ends itself while a process stands still for it. */
    static final class Exiting {

        private Exiting() {}

        public static void main(String[] arguments) {
            try (RemoteMemory memory = RemoteMemory.open(Long.parseLong(arguments[0]))) {
                var _ = memory.whileFrozen(LONG, FreezeMethod.valueOf(arguments[1]), _ -> {
                    System.exit(7);
                    return true;
                });
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void itRunsOnWhenThisJvmExits(FreezeMethod method) throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(method)) {
            Process other = new ProcessBuilder(OtherJvm.line(Exiting.class, Long.toString(target.pid()), method.name()))
                    .inheritIO()
                    .start();
            assertThat(other.waitFor()).isEqualTo(7);
            target.awaitProgress();
        }
    }

    @Test
    void whoIsTracedIsLeftToItsTracer() throws IOException {
        for (FreezeMethod method : List.of(FreezeMethod.PTRACE, FreezeMethod.SIGSTOP)) {
            assertLeftToItsTracer(method, "tracing");
            assertLeftToItsTracer(method, "tracing-aside");
        }
    }

    private static void assertLeftToItsTracer(FreezeMethod method, String specimen) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                Specimen tracer = Specimen.start(specimen, target.pid());
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> true);
            assertObstacle(outcome, FreezeObstacle.TRACED);
            assertThat(((FrozenOutcome.NotFrozen<Boolean>) outcome).otherPid())
                    .isEqualTo(OptionalLong.of(tracer.pid()));
            assertThat(outcome.toString()).endsWith("(process " + tracer.pid() + ")");
            target.awaitProgress();
        }
    }

    @Test
    void aChildOfThisJvmIsStoppedBySignalAndJavaStillWaitsForIt() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            assertObstacle(memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> true), FreezeObstacle.OWN_CHILD);
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, _ -> true);
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(outcome.method()).isEqualTo(FreezeMethod.SIGSTOP);
            assertThat(child.handle().isAlive()).isTrue();
            child.touch(child.map(MiB));
        }
    }

    @Test
    void theUsualMethodFallsAwayByItself() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            assertThat(memory.whileFrozen(LONG, _ -> true).method()).isEqualTo(FreezeMethod.PTRACE);
        }
    }

    /** It is in a session of its own, and this JVM can do without it as long as it lives itself. */
    @Test
    void aWatcherThatIsKilledIsReplaced() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.SIGSTOP);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            for (int i = 0; i < 2; i++) {
                FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> {
                    List<ProcessHandle> watchers = watchers();
                    assertThat(watchers).hasSize(1);
                    assertThat(sessionOf(watchers.getFirst().pid()))
                            .isEqualTo(watchers.getFirst().pid());
                    watchers.forEach(ProcessHandle::destroyForcibly);
                    Await.until(() -> watchers().isEmpty());
                    return true;
                });
                assertThat(outcome.stoodStill()).isTrue();
                target.awaitProgress();
            }
        }
    }

    private static List<ProcessHandle> watchers() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains("FreezeWatcherMain"))
                .filter(ProcessHandle::isAlive)
                .toList();
    }

    private static long sessionOf(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void whoeverSendsSigcontDisturbs() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.SIGSTOP);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> {
                try {
                    send("CONT", target.pid());
                } catch (IOException | InterruptedException failure) {
                    throw new AssertionError(failure);
                }
                target.awaitProgress();
                return true;
            });
            assertThat(outcome).isEqualTo(new FrozenOutcome.Disturbed<>(FreezeMethod.SIGSTOP, true));
        }
    }

    @Test
    void aFlightRecordingTellsOfIt(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("freezes.jfr");
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid());
                var recording = new Recording()) {
            recording.start();
            FrozenOutcome<Boolean> done = memory.whileFrozen(LONG, _ -> true);
            recording.stop();
            recording.dump(file);
            List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals("remora.Freeze"))
                    .toList();
            assertThat(events).hasSize(1);
            RecordedEvent event = events.getFirst();
            assertThat(event.getLong("pid")).isEqualTo(target.pid());
            assertThat(event.getString("method")).isEqualTo("PTRACE");
            assertThat(event.getString("outcome")).isEqualTo("Done");
            assertThat(event.getDuration("standstill")).isEqualTo(((FrozenOutcome.Done<Boolean>) done).standstill());
        }
    }

    @Test
    void whoThisProcessDependsOnIsRefused() throws IOException {
        try (RemoteMemory self = RemoteMemory.open(ProcessHandle.current().pid());
                RemoteMemory parent = RemoteMemory.open(
                        ProcessHandle.current().parent().orElseThrow().pid());
                RemoteMemory init = RemoteMemory.open(1)) {
            for (FreezeMethod method : FreezeMethod.values()) {
                assertRefused(self, method, "is the one that calls");
                assertRefused(parent, method, "is a parent of the one that calls");
                assertRefused(init, method, "is a parent of the one that calls");
            }
        }
    }

    /** The kernel names the thread that traces, which need not be the first of its process. */
    @ParameterizedTest
    @ValueSource(strings = {"tracing", "tracing-aside"})
    void whoTracesThisProcessIsRefused(String specimen) throws IOException {
        try (Specimen tracer = Specimen.start(specimen, ProcessHandle.current().pid());
                RemoteMemory memory = RemoteMemory.open(tracer.pid())) {
            for (FreezeMethod method : FreezeMethod.values()) {
                assertRefused(memory, method, "traces the one that calls");
            }
        }
    }

    private static void assertRefused(RemoteMemory memory, FreezeMethod method, String why) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> memory.whileFrozen(LONG, method, _ -> true))
                .withMessageContaining(why);
    }

    @Test
    void aLimitIsPositive() throws IOException {
        try (Specimen crowd = Specimen.start("crowd", 0);
                RemoteMemory memory = RemoteMemory.open(crowd.pid())) {
            for (Duration limit : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> memory.whileFrozen(limit, _ -> true))
                        .withMessageContaining("more than zero");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void onlyAGroupOfItsOwnIsFrozen(FreezeMethod method) throws IOException {
        try (FreezableGroup group = FreezableGroup.make(method);
                FreezableGroup below = group.below("below");
                Specimen crowd = Specimen.start("crowd", 3);
                RemoteMemory memory = RemoteMemory.open(crowd.numbers().getFirst())) {
            long pid = crowd.numbers().getFirst();
            long other = crowd.numbers().getLast();
            assertObstacle(memory.whileFrozen(LONG, method, _ -> true), FreezeObstacle.ROOT_CGROUP);
            group.add(pid);
            below.add(other);
            assertObstacle(memory.whileFrozen(LONG, method, _ -> true), FreezeObstacle.SHARED_CGROUP);
            group.add(other);
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> true);
            assertObstacle(outcome, FreezeObstacle.SHARED_CGROUP);
            assertThat(((FrozenOutcome.NotFrozen<Boolean>) outcome).otherPid()).isEqualTo(OptionalLong.of(other));
            assertThat(group.askedToFreeze()).isFalse();
            below.add(other);
            below.add(pid);
            group.add(other);
            assertThat(memory.whileFrozen(LONG, method, _ -> true).stoodStill()).isTrue();
        }
    }

    /** Version 1 lets any thread be in any group; version 2 within a part of the tree that is made for that. */
    @Test
    void threadsInSeveralGroupsAreNotFrozenByOneOfThem() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.CGROUP_V1);
                FreezableGroup elsewhere = FreezableGroup.make(FreezeMethod.CGROUP_V1);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            Files.writeString(elsewhere.directory().resolve("tasks"), Long.toString(anotherThread(target.pid())));
            assertObstacle(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V1, _ -> true), FreezeObstacle.THREADED_CGROUP);
            target.awaitProgress();
        }
        try (FreezableGroup domain = FreezableGroup.make(FreezeMethod.CGROUP_V2);
                FreezableGroup below = domain.below("below");
                FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            Files.writeString(below.directory().resolve("cgroup.type"), "threaded");
            domain.add(target.pid());
            Path threads = below.directory().resolve("cgroup.threads");
            Files.writeString(threads, Long.toString(anotherThread(target.pid())));
            assertThat(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> true))
                    .as("all are in the domain or below")
                    .isInstanceOf(FrozenOutcome.Done.class);
            Files.writeString(threads, Long.toString(target.pid()));
            assertObstacle(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> true), FreezeObstacle.THREADED_CGROUP);
            target.awaitProgress();
        }
    }

    /** Not always a greater number: the kernel begins anew at the end of its numbers. */
    private static long anotherThread(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return threads.mapToLong(path -> Long.parseLong(path.getFileName().toString()))
                    .filter(thread -> thread != pid)
                    .findAny()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void whatIsNotMountedHereCannotBeUsed(FreezeMethod method) throws IOException {
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> number == Syscall.OPENAT.number()
                        && MemorySegment.ofAddress(a1)
                                .reinterpret(4096)
                                .getString(0)
                                .equals("mountinfo")
                ? -Linux.ENOENT()
                : LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
            assertObstacle(memory.whileFrozen(LONG, method, _ -> true), FreezeObstacle.NO_CGROUP);
        }
    }

    /** What another JVM runs, for which there is no Java to start. */
    static final class WithoutJava {

        private WithoutJava() {}

        public static void main(String[] arguments) {
            try (RemoteMemory memory = RemoteMemory.open(Long.parseLong(arguments[0]))) {
                System.out.println(memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> true));
                System.setProperty("java.home", "/nowhere");
                System.out.println(memory.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> true));
            }
        }
    }

    @Test
    void withoutWatcherOnlyWhatFallsAwayByItselfIsDone() throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.SIGSTOP)) {
            assertThat(OtherJvm.run(OtherJvm.line(WithoutJava.class, Long.toString(target.pid()))))
                    .contains("not frozen by SIGSTOP: the watcher", "Done[method=PTRACE, value=true");
            target.awaitProgress();
        }
    }

    @Test
    void aRefusalSaysWhichRightIsMissing() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid(), refusing(Syscall.PTRACE));
                RemoteMemory unsignalled = RemoteMemory.open(target.pid(), refusing(Syscall.PIDFD_SEND_SIGNAL))) {
            assertThatExceptionOfType(PermissionDeniedException.class)
                    .isThrownBy(() -> memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> true))
                    .withMessageContaining("ptrace");
            assertThatExceptionOfType(PermissionDeniedException.class)
                    .isThrownBy(() -> unsignalled.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> true))
                    .withMessageContaining("pidfd_send_signal");
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void aRefusalNamesTheFileThatMayNotBeWritten(FreezeMethod method) throws IOException {
        Kernel kernel =
                (number, a0, a1, a2, a3, a4, a5) -> number == Syscall.OPENAT.number() && (a2 & Linux.O_WRONLY()) != 0
                        ? -Linux.EACCES()
                        : LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
            assertThatExceptionOfType(PermissionDeniedException.class)
                    .isThrownBy(() -> memory.whileFrozen(LONG, method, _ -> true))
                    .withMessageContaining(target.group().directory().toString())
                    .withMessageContaining("Delegate=yes");
            target.awaitProgress();
        }
    }

    /** The freeze traces the process already, which holds its number. */
    @Test
    void whatIsWrittenToWhatIsTracedIsWrittenAtOnce() throws IOException {
        var written = new AtomicInteger();
        var writtenByFile = new AtomicInteger();
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
            if (number == Syscall.PROCESS_VM_WRITEV.number()) {
                written.incrementAndGet();
            }
            if (number == Syscall.PWRITE64.number()) {
                writtenByFile.incrementAndGet();
            }
            return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        };
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
            long stack = memory.mappings()
                    .named("[stack]")
                    .matching()
                    .mappings()
                    .getFirst()
                    .range()
                    .address();
            FrozenOutcome<byte[]> outcome = memory.whileFrozen(LONG, FreezeMethod.PTRACE, frozen -> {
                frozen.write(stack, new byte[] {1, 2, 3});
                return frozen.read(MemoryRange.of(stack, 3));
            });
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(outcome.result().orElseThrow()).containsExactly(1, 2, 3);
            assertThat(written).hasPositiveValue();
            assertThat(writtenByFile).hasValue(0);
            target.awaitProgress();
        }
    }

    /** Should this JVM be killed while it waits for one thread, the others go on with their waits all the same. */
    @Test
    void whatStandsIsSettledWhileAnotherThreadIsAwaited() throws IOException {
        try (Torment target = Torment.start("epoll-wait")) {
            var settled = new AtomicBoolean();
            Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
                if (number == Syscall.WAIT4.number() && a0 == target.pid() && !settled.get()) {
                    return 0;
                }
                if (number == Syscall.PTRACE.number() && a0 == Linux.PTRACE_SETREGSET() && a1 != target.pid()) {
                    settled.set(true);
                }
                return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
            };
            try (RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
                assertThat(IntStream.range(0, 10).anyMatch(_ -> {
                            settled.set(false);
                            return memory.whileFrozen(Duration.ofSeconds(2), FreezeMethod.PTRACE, _ -> true)
                                    .stoodStill();
                        }))
                        .isTrue();
            }
        }
    }

    /** As when the action has used up all open files. */
    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void whoCannotOpenTheFileAnyMoreThawsTheGroupAllTheSame(FreezeMethod method) throws IOException {
        var usedUp = new AtomicBoolean();
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) ->
                number == Syscall.OPENAT.number() && (a2 & Linux.O_WRONLY()) != 0 && usedUp.get()
                        ? -Linux.EMFILE()
                        : LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> {
                usedUp.set(true);
                return true;
            });
            assertThat(outcome.stoodStill()).isTrue();
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2", "SIGSTOP"})
    void whatCannotBeUndoneAtOnceIsTriedAgain(FreezeMethod method) throws IOException {
        var failures = new AtomicInteger();
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
            boolean undoes = number == Syscall.WRITE.number()
                    || (number == Syscall.PIDFD_SEND_SIGNAL.number() && a1 == Linux.SIGCONT());
            int left = undoes ? failures.getAndUpdate(before -> Math.max(0, before - 1)) : 0;
            if (left == 1) {
                throw new OutOfMemoryError("once");
            }
            if (left > 1) {
                return -Linux.ENOMEM();
            }
            return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        };
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> {
                failures.set(3);
                return true;
            });
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(failures).hasValue(0);
            target.awaitProgress();
        }
    }

    private static Kernel refusing(Syscall call) {
        return (number, a0, a1, a2, a3, a4, a5) -> number == call.number()
                ? -Linux.EPERM()
                : LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
    }
}
