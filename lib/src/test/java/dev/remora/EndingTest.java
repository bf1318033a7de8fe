package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.ReleaseOutcome.Reaped;
import dev.remora.ReleaseOutcome.ReleasedByExit;
import dev.remora.ReleaseOutcome.ReleasedByExit.Cause;
import dev.remora.ReleaseOutcome.StillShared;
import dev.remora.ReleaseOutcome.TimedOut;
import dev.remora.ReleaseOutcome.TimedOut.Obstacle;
import dev.remora.ReleaseOutcome.Unverified;
import dev.remora.SimulatedKernel.Kind;
import dev.remora.bindings.Linux;
import dev.remora.syscall.Syscall;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ending a process, with every answer that the calls for it can give. */
final class EndingTest {

    private static final Duration SHORT = Duration.ofMillis(60);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final SimulatedKernel kernel = new SimulatedKernel().map(0x10000, 16 * MiB, Kind.PLAIN);
    private final RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel);

    @AfterEach
    void nothingIsLeftOpenAndNobodyUrgent() throws InterruptedException {
        memory.close();
        kernel.exit();
        for (int i = 0; kernel.openFiles() > 0 && i < 500; i++) {
            Thread.sleep(10);
        }
        assertThat(kernel.openFiles()).isZero();
        assertThat(kernel.policy).isEqualTo(Linux.SCHED_OTHER());
    }

    /** The next release of the process, after the two that are tried without one, fails. */
    private void failRelease(int errno) {
        kernel.fail(Syscall.PROCESS_MRELEASE, Linux.EBADF())
                .fail(Syscall.PROCESS_MRELEASE, Linux.EBADF())
                .fail(Syscall.PROCESS_MRELEASE, errno);
    }

    private void exitAfter(Duration time) {
        CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS)
                .execute(kernel::exit);
    }

    @Test
    void whatIsKilledAndReleasedAtOnceIsReaped() {
        ReleaseOutcome outcome = memory.killAndRelease();
        assertThat(outcome).isInstanceOf(Reaped.class);
        assertThat(outcome.pid()).isEqualTo(SimulatedKernel.PID);
        assertThat(outcome.released()).isTrue();
        assertThat(outcome.figures().residentBytesBefore()).isEqualTo(16 * MiB);
        assertThat(outcome.figures().residentBytesAfter()).isZero();
        assertThat(outcome.figures().timeToKill().orElseThrow())
                .isLessThanOrEqualTo(outcome.figures().timeToReap().orElseThrow());
        assertThat(outcome.figures().timeToExit()).isEmpty();
        assertThat(kernel.signals()).containsExactly(Linux.SIGKILL());
        assertThat(outcome)
                .asString()
                .startsWith("process 4711: reaped; 16 MiB resident before, 0 bytes after; killed");
    }

    @Test
    void theCallerIsUrgentForTheTwoCallsOnly() {
        kernel.script(Syscall.PIDFD_SEND_SIGNAL, () -> 0);
        kernel.fail(Syscall.PIDFD_SEND_SIGNAL, Linux.EBADF());
        kernel.script(Syscall.PIDFD_SEND_SIGNAL, () -> {
            assertThat(kernel.policy).isEqualTo(Linux.SCHED_FIFO());
            kernel.dying = true;
            return 0;
        });
        assertThat(memory.killAndRelease()).isInstanceOf(Reaped.class);
        assertThat(kernel.count(Syscall.SCHED_SETSCHEDULER)).isEqualTo(2);
    }

    @Test
    void aPolicyThatIsNotTheUsualOneComesBack() {
        int resetOnFork = 0x4000_0000;
        kernel.policy = Linux.SCHED_BATCH() | resetOnFork;
        assertThat(memory.killAndRelease()).isInstanceOf(Reaped.class);
        assertThat(kernel.policy).isEqualTo(Linux.SCHED_BATCH() | resetOnFork);
        kernel.policy = Linux.SCHED_OTHER();
    }

    @Test
    void aRealTimeThreadStaysWhatItIs() {
        kernel.policy = Linux.SCHED_RR();
        assertThat(memory.killAndRelease()).isInstanceOf(Reaped.class);
        assertThat(kernel.count(Syscall.SCHED_SETSCHEDULER)).isZero();
        kernel.policy = Linux.SCHED_OTHER();
    }

    @Test
    void nobodyIsUrgentWhomTheKernelWouldEndForIt() {
        kernel.realTimeLimit = 200_000;
        assertThat(memory.killAndRelease()).isInstanceOf(Reaped.class);
        assertThat(kernel.count(Syscall.SCHED_SETSCHEDULER)).isZero();
    }

    @Test
    void anExitIsWaitedForWithTooManyOpenFilesToo() {
        failRelease(Linux.ESRCH());
        kernel.fail(Syscall.FCNTL, Linux.EMFILE());
        exitAfter(Duration.ofMillis(20));
        assertThat(memory.killAndRelease(LONG)).isInstanceOf(ReleasedByExit.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL_CREATE1", "EPOLL_CTL", "EPOLL_PWAIT"})
    void anExitIsWaitedForWhereTheKernelDoesNotTellOfIt(Syscall refused) throws InterruptedException {
        kernel.fail(refused, Linux.ENOMEM());
        exitAfter(Duration.ofMillis(20));
        assertThat(memory.awaitExit(LONG)).isPresent();
        kernel.exited = false;
        kernel.fail(Syscall.FCNTL, Linux.EMFILE());
        assertThat(memory.awaitExit(SHORT)).isEmpty();
    }

    @Test
    void aWaitWithTooManyOpenFilesIsInterruptible() throws Exception {
        kernel.fail(Syscall.FCNTL, Linux.EMFILE());
        var interrupted = new CompletableFuture<Boolean>();
        Thread waiting = Thread.ofPlatform().start(() -> {
            try {
                var _ = memory.awaitExit(LONG);
                interrupted.complete(false);
            } catch (InterruptedException expected) {
                interrupted.complete(true);
            } catch (RuntimeException failure) {
                interrupted.completeExceptionally(failure);
            }
        });
        waiting.interrupt();
        assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anErrorWhileSomebodyWaitsForTheExitIsExplained() {
        kernel.fail(Syscall.EPOLL_PWAIT, Linux.EIO());
        assertThat(memory.onExit())
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .withCauseInstanceOf(SyscallFailedException.class);
    }

    @Test
    void justToLookTakesNoTime() throws InterruptedException {
        kernel.exit();
        assertThat(memory.awaitExit(Duration.ZERO)).contains(new ExitStatus.Unknown());
        assertThat(kernel.count(Syscall.WAITID)).isEqualTo(1);
        assertThat(memory.awaitExit(LONG)).contains(new ExitStatus.Unknown());
        assertThat(kernel.count(Syscall.WAITID)).isGreaterThan(2);
    }

    @Test
    void whoIsInterruptedDoesNotAskForTheStatusOnAndOn() {
        kernel.exit();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> memory.awaitExit(LONG)).isInstanceOf(InterruptedException.class);
        assertThat(kernel.count(Syscall.WAITID)).isEqualTo(1);
    }

    @Test
    void aPriorityThatDoesNotComeBackDoesNotCostTheOutcome() {
        kernel.script(Syscall.SCHED_SETSCHEDULER, () -> 0).fail(Syscall.SCHED_SETSCHEDULER, Linux.EPERM());
        assertThat(memory.killAndRelease()).isInstanceOf(Reaped.class);
    }

    @Test
    void whoMayNotBecomeUrgentKillsAndReleasesAllTheSame() {
        kernel.mayBeRealTime = false;
        assertThat(memory.killAndRelease()).isInstanceOf(Reaped.class);
    }

    @Test
    void aVirtualThreadDoesNotTouchThePriorityOfItsCarrier() throws InterruptedException {
        Thread virtual = Thread.startVirtualThread(
                () -> assertThat(memory.killAndRelease()).isInstanceOf(Reaped.class));
        virtual.join();
        assertThat(kernel.released).isTrue();
        assertThat(kernel.count(Syscall.SCHED_SETSCHEDULER)).isZero();
    }

    @Test
    void theTwoStepsDoTheSame() {
        DyingProcess dying = memory.kill();
        assertThat(dying).hasToString("dying process 4711");
        assertThat(kernel.signals()).containsExactly(Linux.SIGKILL());
        assertThat(kernel.released).isFalse();
        assertThat(dying.releaseMemory()).isInstanceOf(Reaped.class);
    }

    @Test
    void aProcessThatIsFasterReleasesItsMemoryByItself() {
        failRelease(Linux.ESRCH());
        exitAfter(Duration.ofMillis(20));
        ReleaseOutcome outcome = memory.killAndRelease(LONG);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        ReleasedByExit.class,
                        released -> assertThat(released.cause()).isEqualTo(Cause.FASTER));
        assertThat(outcome.figures().timeToExit()).isPresent();
        assertThat(outcome.figures().timeToReap()).isEmpty();
    }

    @Test
    void anExitThatTakesTooLongTimesOutWithWhatIsStillThere() {
        failRelease(Linux.ESRCH());
        ReleaseOutcome outcome = memory.killAndRelease(SHORT);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        TimedOut.class, late -> assertThat(late.obstacle()).isEqualTo(Obstacle.EXITING));
        assertThat(outcome.figures().residentBytesAfter()).isEqualTo(16 * MiB);
        assertThat(outcome.released()).isFalse();
    }

    @Test
    void aPartlyReapedProcessIsReapedOn() {
        failRelease(Linux.EAGAIN());
        kernel.fail(Syscall.PROCESS_MRELEASE, Linux.EINTR());
        assertThat(memory.killAndRelease(LONG)).isInstanceOf(Reaped.class);
        assertThat(kernel.count(Syscall.PROCESS_MRELEASE)).isEqualTo(5);
    }

    @Test
    void neverMoreThanTheLimitIsSpentOnALockedProcess() {
        kernel.fail(Syscall.PROCESS_MRELEASE, Linux.EBADF());
        for (int i = 0; i < 1000; i++) {
            kernel.fail(Syscall.PROCESS_MRELEASE, Linux.EAGAIN());
        }
        DyingProcess dying = memory.kill();
        ReleaseOutcome outcome = dying.releaseMemory(SHORT);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        TimedOut.class, late -> assertThat(late.obstacle()).isEqualTo(Obstacle.LOCKED));
        assertThat(kernel.count(Syscall.PROCESS_MRELEASE)).isLessThan(60);
        assertThat(dying.releaseMemory(Duration.ZERO)).isInstanceOf(TimedOut.class);
    }

    @Test
    void memoryThatAnotherProcessUsesIsStillShared() {
        kernel.sharedWithOthers = true;
        exitAfter(Duration.ofMillis(20));
        ReleaseOutcome outcome = memory.killAndRelease(LONG);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        StillShared.class,
                        shared -> assertThat(shared.sharerPid()).isEqualTo(OptionalLong.empty()));
        assertThat(outcome.figures().residentBytesAfter()).isEqualTo(16 * MiB);
    }

    @Test
    void memoryThatIsUsedOnAfterAQuickExitIsNotCalledReleased() {
        kernel.sharedWithOthers = true;
        kernel.endsAtOnce = true;
        assertThat(memory.killAndRelease(LONG)).isInstanceOf(StillShared.class);
    }

    @Test
    void aCoreDumpIsWaitedForAndNamed() {
        kernel.dumpsCore = true;
        assertThat(memory.kill().releaseMemory(SHORT))
                .isInstanceOfSatisfying(
                        TimedOut.class, late -> assertThat(late.obstacle()).isEqualTo(Obstacle.CORE_DUMP));
        kernel.dumpsCore = false;
        assertThat(memory.kill().releaseMemory(SHORT)).isInstanceOf(Reaped.class);
    }

    @Test
    void aProcessThatDoesNotDieIsNamed() {
        for (int i = 0; i < 3; i++) {
            kernel.script(Syscall.PIDFD_SEND_SIGNAL, () -> 0);
        }
        assertThat(memory.killAndRelease(SHORT))
                .isInstanceOfSatisfying(
                        TimedOut.class, late -> assertThat(late.obstacle()).isEqualTo(Obstacle.NOT_DYING));
    }

    @ParameterizedTest
    @ValueSource(ints = {38 /* ENOSYS */, 1 /* EPERM, of a seccomp filter */})
    void withoutTheCallTheExitIsWaitedFor(int errno) {
        kernel.fail(Syscall.PROCESS_MRELEASE, errno);
        exitAfter(Duration.ofMillis(20));
        assertThat(memory.killAndRelease(LONG))
                .isInstanceOfSatisfying(
                        ReleasedByExit.class,
                        released -> assertThat(released.cause()).isEqualTo(Cause.NO_RELEASE_HERE));
        assertThat(kernel.count(Syscall.PROCESS_MRELEASE)).isEqualTo(1);
    }

    @Test
    void anErrorThatIsNotKnownIsNotSwallowed() {
        failRelease(Linux.EIO());
        assertThatThrownBy(memory::killAndRelease)
                .isInstanceOf(SyscallFailedException.class)
                .hasMessageContaining("process_mrelease(process 4711): EIO");
    }

    @Test
    void aZombieHadEndedBeforeAndIsNotSignalled() {
        kernel.exit();
        DyingProcess dying = memory.kill();
        for (ReleaseOutcome outcome : List.of(memory.killAndRelease(), memory.terminate(LONG), dying.releaseMemory())) {
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            ReleasedByExit.class,
                            released -> assertThat(released.cause()).isEqualTo(Cause.ALREADY_GONE));
            assertThat(outcome.figures().timeToKill()).isEmpty();
        }
        assertThat(kernel.signals()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {13 /* EACCES */, 24 /* EMFILE */})
    void memoryOfWhichNothingCanBeSeenIsNotCalledReleased(int errno) {
        kernel.refusals.put("pagemap", errno);
        kernel.sharedWithOthers = true;
        exitAfter(Duration.ofMillis(20));
        ReleaseOutcome outcome = memory.killAndRelease(LONG);
        assertThat(outcome.released()).isFalse();
        assertThat(outcome).isInstanceOf(Unverified.class).asString().contains("cannot be seen");
    }

    @Test
    void memoryThatIsGoneBeforeItsProcessIsReleased() {
        kernel.refusals.put("pagemap", Linux.ESRCH());
        failRelease(Linux.ESRCH());
        exitAfter(Duration.ofMillis(20));
        assertThat(memory.killAndRelease(LONG)).isInstanceOf(ReleasedByExit.class);
    }

    @Test
    void aProcessIsEndedAlthoughTooManyFilesAreOpenForItsFigures() {
        kernel.refusals.putAll(Map.of("statm", Linux.EMFILE(), "pagemap", Linux.EMFILE(), "task", Linux.EMFILE()));
        ReleaseOutcome outcome = memory.killAndRelease();
        assertThat(outcome).isInstanceOf(Reaped.class);
        assertThat(outcome.figures().residentBytesBefore()).isZero();
        assertThat(memory.kill().pid()).isEqualTo(SimulatedKernel.PID);
        kernel.exit();
    }

    @Test
    void theFiguresOfASecondEndAreItsOwn() {
        failRelease(Linux.EAGAIN());
        int before = kernel.openFiles();
        assertThat(memory.killAndRelease(Duration.ZERO)).isInstanceOf(TimedOut.class);
        assertThat(kernel.openFiles()).isEqualTo(before);
        kernel.map(0x1000_0000, 16 * MiB, Kind.PLAIN);
        assertThat(memory.killAndRelease().figures().residentBytesBefore()).isEqualTo(32 * MiB);
    }

    @Test
    void theFiguresOfAKillAreThoseAfterTheGrace() {
        LongSupplier waiting = () -> {
            kernel.map(0x1000_0000, 16 * MiB, Kind.PLAIN);
            return 0;
        };
        kernel.script(Syscall.PIDFD_SEND_SIGNAL, () -> 0);
        kernel.script(Syscall.PIDFD_SEND_SIGNAL, () -> {
            kernel.script(Syscall.PPOLL, waiting);
            return 0;
        });
        assertThat(memory.terminate(SHORT).figures().residentBytesBefore()).isEqualTo(32 * MiB);
    }

    @Test
    void whatWasReleasedKeepsItsOutcomeAndHoldsNoFile() {
        int before = kernel.openFiles();
        DyingProcess dying = memory.kill();
        assertThat(kernel.openFiles()).isEqualTo(before + 2);
        ReleaseOutcome outcome = dying.releaseMemory();
        assertThat(outcome).isInstanceOf(Reaped.class);
        assertThat(kernel.openFiles()).isEqualTo(before);
        assertThat(dying.releaseMemory()).isSameAs(outcome);
    }

    @Test
    void aProcessThatIsGoneIsNoError() {
        kernel.exit();
        kernel.reaped = true;
        ReleaseOutcome outcome = memory.kill().releaseMemory();
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        ReleasedByExit.class,
                        released -> assertThat(released.cause()).isEqualTo(Cause.ALREADY_GONE));
        assertThat(outcome.figures().timeToKill()).isEmpty();
        assertThat(memory.terminate(LONG)).isInstanceOf(ReleasedByExit.class);
    }

    @Test
    void whoMayNotSignalIsToldSoBeforeAnythingIsSent() {
        kernel.fail(Syscall.PIDFD_SEND_SIGNAL, Linux.EPERM());
        assertThatThrownBy(memory::kill)
                .isInstanceOf(PermissionDeniedException.class)
                .hasMessageContaining("pidfd_send_signal(process 4711")
                .hasMessageContaining("CAP_KILL");
        assertThat(kernel.signals()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {9 /* EBADF */, 22 /* EINVAL */})
    void otherErrorsOfTheSignalAreReported(int errno) {
        kernel.fail(Syscall.PIDFD_SEND_SIGNAL, errno);
        assertThatThrownBy(memory::killAndRelease)
                .isInstanceOf(SyscallFailedException.class)
                .hasMessageContaining("pidfd_send_signal");
        assertThat(kernel.signals()).isEmpty();
    }

    @Test
    void theCallerItselfAndTheInitOfItsNamespaceAreRefused() {
        kernel.script(Syscall.GETPID, () -> SimulatedKernel.PID);
        assertThatThrownBy(memory::kill)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("Runtime.halt");
        assertThatThrownBy(() -> Ending.requireOther(kernel, 1))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("pid namespace");
        assertThat(kernel.count(Syscall.PIDFD_SEND_SIGNAL)).isZero();
    }

    @Test
    void negativeTimesAreRefusedBeforeAnythingIsSent() {
        Duration negative = Duration.ofNanos(-1);
        assertThatIllegalArgumentException().isThrownBy(() -> memory.killAndRelease(negative));
        assertThatIllegalArgumentException().isThrownBy(() -> memory.terminate(negative));
        assertThatIllegalArgumentException().isThrownBy(() -> memory.awaitExit(negative));
        assertThat(kernel.count(Syscall.PIDFD_SEND_SIGNAL)).isZero();
        DyingProcess dying = memory.kill();
        assertThatIllegalArgumentException().isThrownBy(() -> dying.releaseMemory(negative));
    }

    @Test
    void timesOfAnyLengthAreFine() throws InterruptedException {
        Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
        exitAfter(Duration.ofMillis(20));
        assertThat(memory.awaitExit(forEver)).isPresent();
        assertThat(memory.killAndRelease(forEver)).isInstanceOf(ReleasedByExit.class);
    }

    @Test
    void aClosedHandleIsRefused() {
        DyingProcess dying = memory.kill();
        memory.close();
        assertThatIllegalStateException().isThrownBy(dying::releaseMemory);
        assertThatIllegalStateException().isThrownBy(memory::killAndRelease);
        assertThatIllegalStateException().isThrownBy(memory::onExit);
    }

    @Test
    void anInterruptedCallerGetsWhatIsKnownAndStaysInterrupted() throws InterruptedException {
        failRelease(Linux.ESRCH());
        var outcome = new CompletableFuture<ReleaseOutcome>();
        Thread caller = Thread.ofPlatform().start(() -> {
            outcome.complete(memory.killAndRelease(LONG));
            assertThat(Thread.interrupted()).isTrue();
        });
        caller.interrupt();
        caller.join();
        assertThat(outcome.join())
                .isInstanceOfSatisfying(
                        TimedOut.class, late -> assertThat(late.obstacle()).isEqualTo(Obstacle.INTERRUPTED));
        assertThat(kernel.signals()).containsExactly(Linux.SIGKILL());
    }

    @Test
    void sigtermMaySuffice() {
        kernel.endsAtSigterm = true;
        ReleaseOutcome outcome = memory.terminate(LONG);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        ReleasedByExit.class,
                        released -> assertThat(released.cause()).isEqualTo(Cause.TERMINATED));
        assertThat(kernel.signals()).containsExactly(Linux.SIGTERM());
        assertThat(outcome.figures().timeToKill()).isEmpty();
    }

    @Test
    void whoDoesNotEndInItsGraceIsKilledAndOnlyThenReleased() {
        assertThat(memory.terminate(SHORT)).isInstanceOf(Reaped.class);
        assertThat(kernel.signals()).containsExactly(Linux.SIGTERM(), Linux.SIGKILL());
    }

    @Test
    void nobodyIsKilledWhenTheGraceIsInterrupted() throws InterruptedException {
        var outcome = new CompletableFuture<ReleaseOutcome>();
        Thread caller = Thread.ofPlatform().start(() -> outcome.complete(memory.terminate(LONG)));
        caller.interrupt();
        caller.join();
        assertThat(outcome.join())
                .isInstanceOfSatisfying(
                        TimedOut.class, late -> assertThat(late.obstacle()).isEqualTo(Obstacle.INTERRUPTED));
        assertThat(kernel.signals()).containsExactly(Linux.SIGTERM());
        assertThat(kernel.count(Syscall.PROCESS_MRELEASE)).isEqualTo(1);
    }

    @Test
    void flagsOfLaterKernelsArePassedOnlyWhereTheKernelTakesThem() {
        System.setProperty("dev.remora.releaseFlags", "1");
        System.setProperty("dev.remora.signalFlags", "8");
        try {
            assertThat(memory.killAndRelease())
                    .as("an unknown flag would be EINVAL")
                    .isInstanceOf(Reaped.class);
            assertThat(kernel.passedSignalFlags).isZero();
            assertThat(kernel.passedReleaseFlags).isZero();
            kernel.releaseFlags = 1;
            kernel.signalFlags = 8;
            assertThat(memory.killAndRelease()).isInstanceOf(Reaped.class);
            assertThat(kernel.passedSignalFlags).isEqualTo(8);
            assertThat(kernel.passedReleaseFlags).isEqualTo(1);
        } finally {
            System.clearProperty("dev.remora.releaseFlags");
            System.clearProperty("dev.remora.signalFlags");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 12})
    void aFlagThatWouldSignalOthersIsRefusedAlsoWhereTheKernelTakesIt(int flags) {
        kernel.signalFlags = 15;
        System.setProperty("dev.remora.signalFlags", Integer.toString(flags));
        try {
            assertThatIllegalArgumentException()
                    .isThrownBy(memory::killAndRelease)
                    .withMessageContaining("-Ddev.remora.signalFlags=" + flags);
            assertThat(kernel.count(Syscall.PIDFD_SEND_SIGNAL)).isZero();
        } finally {
            System.clearProperty("dev.remora.signalFlags");
        }
    }

    @Test
    void theExitIsTold() throws Exception {
        CompletableFuture<ExitStatus> exit = memory.onExit();
        CompletableFuture<ExitStatus> again = memory.onExit();
        assertThat(memory.awaitExit(Duration.ZERO)).isEmpty();
        assertThat(memory.awaitExit(SHORT)).isEmpty();
        kernel.exit();
        assertThat(exit.get(10, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Unknown());
        assertThat(kernel.watched()).isLessThanOrEqualTo(1);
        assertThat(again.get(10, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Unknown());
        assertThat(memory.awaitExit(Duration.ZERO)).contains(new ExitStatus.Unknown());
    }

    @Test
    void whoNoLongerWantsToKnowLeavesNothingOpen() {
        int before = kernel.openFiles();
        CompletableFuture<ExitStatus> exit = memory.onExit();
        assertThat(kernel.openFiles()).isEqualTo(before + 1);
        assertThat(kernel.watched()).isEqualTo(1);
        assertThat(exit.cancel(false)).isTrue();
        assertThat(kernel.openFiles()).isEqualTo(before);
        assertThat(kernel.watched()).isZero();
    }

    @Test
    void theFutureOutlivesTheHandle() throws Exception {
        CompletableFuture<ExitStatus> exit = memory.onExit();
        memory.close();
        exitAfter(Duration.ofMillis(20));
        assertThat(exit.get(10, TimeUnit.SECONDS)).isEqualTo(new ExitStatus.Unknown());
    }

    @Test
    void whatDependsOnAnExitDoesNotHoldUpTheOthers() throws Exception {
        var never = new CountDownLatch(1);
        var _ = memory.onExit().thenRun(() -> {
            try {
                boolean _ = never.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException impossible) {
                throw new AssertionError(impossible);
            }
        });
        CompletableFuture<ExitStatus> other = memory.onExit();
        kernel.exit();
        assertThat(other.get(10, TimeUnit.SECONDS)).isNotNull();
        never.countDown();
    }

    @ParameterizedTest
    @ValueSource(ints = {24 /* EMFILE */, 23 /* ENFILE */})
    void tooManyOpenFilesAreReportedAndNothingLeaks(int errno) {
        int before = kernel.openFiles();
        kernel.fail(Syscall.FCNTL, errno);
        assertThatThrownBy(memory::onExit).isInstanceOf(SyscallFailedException.class);
        kernel.fail(Syscall.EPOLL_CTL, Linux.ENOSPC());
        assertThatThrownBy(memory::onExit).isInstanceOf(SyscallFailedException.class);
        assertThat(kernel.openFiles()).isEqualTo(before);
    }
}
