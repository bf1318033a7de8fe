package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.ReleaseOutcome.Reaped;
import dev.remora.ReleaseOutcome.TimedOut;
import dev.remora.SimulatedKernel.Kind;
import dev.remora.bindings.Linux;
import dev.remora.syscall.Syscall;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ending a cgroup in which something fails, before and after the first was killed. */
final class CgroupTest {

    private static final Duration SHORT = Duration.ofMillis(60);
    private static final int OTHER = SimulatedKernel.PID + 1;

    private final SimulatedKernel kernel = new SimulatedKernel().map(0x10000, 16 * MiB, Kind.PLAIN);
    private final Cgroup group = Cgroup.of(Path.of(SimulatedKernel.GROUP), kernel);

    CgroupTest() {
        kernel.group.add(SimulatedKernel.PID);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(kernel.openFiles()).isZero();
    }

    /** The listings are: who is there, who is there once they are pinned, who is new, and who is left. */
    private void failListingsFrom(int first, int errno) {
        var listings = new AtomicInteger();
        kernel.beforeListing = () -> {
            if (listings.incrementAndGet() >= first) {
                kernel.refusals.put("cgroup.procs", errno);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {2 /* ENOENT */, 19 /* ENODEV */})
    void aGroupThatIsRemovedOnceItIsEmptyHasItsOutcomes(int errno) {
        failListingsFrom(3, errno);
        GroupReleaseOutcome outcome = group.killAndRelease();
        assertThat(outcome.outcomes()).hasExactlyElementsOfTypes(Reaped.class);
        assertThat(outcome.left()).isZero();
    }

    @Test
    void aGroupThatCannotBeReadAtTheEndHasSomebodyLeft() {
        failListingsFrom(3, Linux.EMFILE());
        GroupReleaseOutcome outcome = group.killAndRelease(SHORT);
        assertThat(outcome.outcomes()).hasExactlyElementsOfTypes(Reaped.class);
        assertThat(outcome.left()).isEqualTo(1);
        assertThat(outcome.released()).isFalse();
    }

    @Test
    void whatIsWrongBeforeAnybodyWasKilledIsThrown() {
        failListingsFrom(1, Linux.ENOENT());
        assertThatIllegalArgumentException().isThrownBy(group::killAndRelease);
        kernel.refusals.clear();
        kernel.beforeListing = () -> {};
        kernel.fail(Syscall.PIDFD_OPEN, Linux.EMFILE());
        assertThatThrownBy(group::killAndRelease).isInstanceOf(SyscallFailedException.class);
        assertThat(kernel.signals()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1 /* EPERM */, 22 /* EINVAL */})
    void whoComesLaterAndCannotBePinnedIsLeft(int errno) {
        var listings = new AtomicInteger();
        kernel.beforeListing = () -> {
            if (listings.incrementAndGet() == 3) {
                kernel.group.add(OTHER);
                kernel.fail(Syscall.PIDFD_OPEN, errno);
            }
        };
        GroupReleaseOutcome outcome = group.killAndRelease();
        assertThat(outcome.outcomes()).hasExactlyElementsOfTypes(Reaped.class);
        assertThat(outcome.left()).isEqualTo(1);
    }

    @Test
    void whoEndsWhileTheGroupIsReadForTheLastTimeIsNotLeft() {
        var listings = new AtomicInteger();
        kernel.beforeListing = () -> {
            if (listings.incrementAndGet() == 4) {
                kernel.script(Syscall.GETDENTS64, () -> {
                    kernel.exit();
                    return 0;
                });
            }
        };
        GroupReleaseOutcome outcome = group.killAndRelease();
        assertThat(kernel.exited).isTrue();
        assertThat(outcome.outcomes()).hasExactlyElementsOfTypes(Reaped.class);
        assertThat(outcome.left()).isZero();
    }

    @Test
    void theCallerThatComesLaterIsLeft() {
        var listings = new AtomicInteger();
        kernel.beforeListing = () -> {
            if (listings.incrementAndGet() == 3) {
                kernel.group.add(SimulatedKernel.OWN_PID);
            }
        };
        GroupReleaseOutcome outcome = group.killAndRelease();
        assertThat(outcome.outcomes()).hasExactlyElementsOfTypes(Reaped.class);
        assertThat(outcome.left()).isEqualTo(1);
        assertThat(kernel.signals()).containsExactly(Linux.SIGKILL());
    }

    /** The group takes one; to hold a process takes two more, and to end it another two. */
    @Test
    void asManyAsThereAreFilesForAreEndedAtATime() {
        kernel.group.add(OTHER);
        kernel.fileLimit = 7;
        GroupReleaseOutcome outcome = group.killAndRelease();
        assertThat(outcome.outcomes()).extracting(ReleaseOutcome::pid).containsExactly(4711L, 4712L);
        assertThat(outcome.released()).isTrue();
    }

    @Test
    void theCallerIsRefusedAlsoWhereThereAreNoFilesToComeToIt() {
        kernel.group.addAll(List.of(OTHER, SimulatedKernel.OWN_PID));
        kernel.fileLimit = 7;
        assertThatThrownBy(group::killAndRelease).isInstanceOf(UnsupportedOperationException.class);
        assertThat(kernel.signals()).isEmpty();
    }

    /** One more is needed to keep it going; the listings are two for each round, and one between them. */
    @Test
    void aNumberThatCouldNotBeHadIsTriedAgainWhenItIsThatOfAnother() {
        int third = OTHER + 1;
        var listings = new AtomicInteger();
        kernel.beforeListing = () -> {
            switch (listings.incrementAndGet()) {
                case 3 -> {
                    kernel.group.add(OTHER);
                    kernel.fail(Syscall.PIDFD_OPEN, Linux.EPERM());
                }
                case 6 -> kernel.group.set(1, third);
                case 9 -> kernel.group.add(OTHER);
                default -> {}
            }
        };
        GroupReleaseOutcome outcome = group.killAndRelease();
        assertThat(outcome.outcomes())
                .extracting(ReleaseOutcome::pid)
                .containsExactly((long) SimulatedKernel.PID, (long) third, (long) OTHER);
        assertThat(outcome.left()).isZero();
    }

    @Test
    void whoIsStuckDoesNotKeepTheNextFromBeingReleased() {
        kernel.group.add(OTHER);
        kernel.fail(Syscall.PROCESS_MRELEASE, Linux.EBADF())
                .fail(Syscall.PROCESS_MRELEASE, Linux.EBADF())
                .fail(Syscall.PROCESS_MRELEASE, Linux.EAGAIN())
                .script(Syscall.PROCESS_MRELEASE, () -> 0);
        for (int i = 0; i < 1000; i++) {
            kernel.fail(Syscall.PROCESS_MRELEASE, Linux.EAGAIN());
        }
        assertThat(group.killAndRelease(SHORT).outcomes()).hasExactlyElementsOfTypes(TimedOut.class, Reaped.class);
    }

    @Test
    void whoIsWaitedForLastIsAskedOnceMoreWhenTheTimeIsOver() {
        kernel.group.add(OTHER);
        kernel.fail(Syscall.PROCESS_MRELEASE, Linux.EBADF()).fail(Syscall.PROCESS_MRELEASE, Linux.EBADF());
        for (int i = 0; i < 3; i++) {
            kernel.fail(Syscall.PROCESS_MRELEASE, Linux.EAGAIN());
        }
        assertThat(group.killAndRelease(Duration.ZERO).outcomes())
                .hasExactlyElementsOfTypes(TimedOut.class, Reaped.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"PROCESS_MRELEASE", "PIDFD_SEND_SIGNAL"})
    void whoCannotBeEndedAfterOthersWereHasAnOutcomeAllTheSame(Syscall refused) {
        kernel.group.add(OTHER);
        if (refused == Syscall.PIDFD_SEND_SIGNAL) {
            kernel.script(refused, () -> 0).script(refused, () -> 0).script(refused, () -> 0);
            kernel.fail(refused, Linux.EPERM());
        } else {
            kernel.fail(refused, Linux.EBADF()).fail(refused, Linux.EBADF()).script(refused, () -> 0);
            kernel.fail(refused, Linux.EIO()).fail(refused, Linux.EIO());
        }
        kernel.dying = true;
        GroupReleaseOutcome outcome = group.killAndRelease(SHORT);
        assertThat(outcome.outcomes()).hasSize(2).hasAtLeastOneElementOfType(Reaped.class);
        assertThat(outcome.released()).isFalse();
    }
}
