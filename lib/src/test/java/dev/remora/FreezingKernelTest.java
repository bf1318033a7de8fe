package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.bindings.Linux;
import dev.remora.jvm.OtherJvm;
import dev.remora.specimen.Torment;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What it means that a process stands still, by every method. */
@Tag("kernel")
final class FreezingKernelTest {

    private static final Duration LONG = Duration.ofSeconds(60);

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

    /** On a busy machine it may not stand still in time. */
    private static <T> FrozenOutcome<T> whileFrozenForHalfASecond(
            RemoteMemory memory, FreezeMethod method, Supplier<T> action) {
        FrozenOutcome<T> outcome;
        int attempts = 0;
        do {
            outcome = memory.whileFrozen(Duration.ofMillis(500), method, _ -> action.get());
        } while (outcome instanceof FrozenOutcome.NotFrozen<T> && ++attempts < 10);
        return outcome;
    }

    @ParameterizedTest
    @EnumSource
    void whenTheLimitIsOverItRunsThoughTheActionDoesNotEnd(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<String> outcome = whileFrozenForHalfASecond(memory, method, () -> {
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

    /** The first look is over then, and the watcher is not started yet. */
    @Test
    void whomSomebodyStopsWhileTheWatcherIsStartedStaysStopped() throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.SIGSTOP)) {
            Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
                if (number == Syscall.PIDFD_SEND_SIGNAL.number() && a1 == 0) {
                    sendUnchecked("STOP", target.pid());
                    Await.until(() -> target.state() == 'T');
                }
                return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
            };
            try (RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
                assertThat(memory.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> true)
                                .stoodStill())
                        .isTrue();
            }
            List<Long> before = target.counters();
            assertThat(target.state()).isEqualTo('T');
            assertThat(target.counters()).isEqualTo(before);
            send("CONT", target.pid());
            target.awaitProgress();
        }
    }

    private static void sendUnchecked(String signal, long pid) {
        try {
            send(signal, pid);
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void aGroupThatSomebodyFreezesWhileTheWatcherIsStartedStaysFrozen(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method)) {
            Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
                if (number == Syscall.OPENAT.number() && (a2 & Linux.O_WRONLY()) != 0) {
                    freezeUnchecked(target.group());
                }
                return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
            };
            try (RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
                assertThat(memory.whileFrozen(LONG, method, _ -> true).stoodStill())
                        .isTrue();
            }
            assertThat(target.group().askedToFreeze()).isTrue();
            target.group().thaw();
            target.awaitProgress();
        }
    }

    private static void freezeUnchecked(FreezableGroup group) {
        try {
            group.freeze();
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
    void theUsualMethodFallsAwayByItself() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            assertThat(memory.whileFrozen(LONG, _ -> true).method()).isEqualTo(FreezeMethod.PTRACE);
        }
    }

    /** It is in a process group of its own, and this JVM can do without it as long as it lives itself. */
    @Test
    void aWatcherThatIsKilledIsReplaced() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.SIGSTOP);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            for (int i = 0; i < 2; i++) {
                FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> {
                    Await.until(() -> watchers().size() == 1);
                    List<ProcessHandle> watchers = watchers();
                    assertThat(groupOf(watchers.getFirst().pid()))
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

    private static long groupOf(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[2]);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void whoeverSendsSigcontDisturbs() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.SIGSTOP);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> {
                sendUnchecked("CONT", target.pid());
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
}
