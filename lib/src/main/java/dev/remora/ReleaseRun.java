package dev.remora;

import dev.remora.ReleaseOutcome.Reaped;
import dev.remora.ReleaseOutcome.ReleasedByExit;
import dev.remora.ReleaseOutcome.StillShared;
import dev.remora.ReleaseOutcome.TimedOut;
import dev.remora.ReleaseOutcome.TimedOut.Obstacle;
import dev.remora.bindings.Linux;
import dev.remora.procfs.MemoryWatch;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.ErrnoException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Releases the memory of one process that was killed, until it is back or the time is over. */
final class ReleaseRun {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

    /** How long somebody who just looks at the memory may hold it before it counts as shared. */
    private static final Duration SHORT_USE = Duration.ofMillis(100);

    private final Ending ending;
    private final Deadline deadline;
    private Duration pause = FIRST_PAUSE;
    private boolean lookedForSharer;

    ReleaseRun(Ending ending, Duration limit) {
        this.ending = ending;
        deadline = Deadline.in(limit);
    }

    /** Goes on after a first call of {@code process_mrelease}, which returned this. */
    ReleaseOutcome after(long result) {
        try {
            return release(result);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            return timedOut(Obstacle.INTERRUPTED);
        }
    }

    private ReleaseOutcome release(long first) throws InterruptedException {
        long result = first;
        while (true) {
            if (result == 0) {
                Optional<Duration> timeToReap = Optional.of(ending.elapsed());
                return new Reaped(ending.pid(), ending.figures(ending.residentNow(), timeToReap));
            }
            int errno = (int) -result;
            if (errno == Linux.ESRCH()) {
                return awaitExit();
            }
            Obstacle obstacle = obstacle(errno);
            Optional<ReleaseOutcome> shared = obstacle == Obstacle.NOT_DYING ? sharedWithSomebody() : Optional.empty();
            if (shared.isPresent()) {
                return shared.get();
            }
            if (deadline.passed()) {
                return timedOut(obstacle);
            }
            boolean _ = awaitExit(nextPause());
            result = ending.releaseOnce();
        }
    }

    private Obstacle obstacle(int errno) {
        if (errno == Linux.EAGAIN() || errno == Linux.EINTR()) {
            return Obstacle.LOCKED;
        }
        if (errno == Linux.EINVAL()) {
            return dumpsCore() ? Obstacle.CORE_DUMP : Obstacle.NOT_DYING;
        }
        throw Failures.other(new ErrnoException("process_mrelease", "process " + ending.pid(), errno));
    }

    private boolean dumpsCore() {
        try {
            return ending.process().directory().text(Entry.STATUS).contains("\nCoreDumping:\t1\n");
        } catch (ErrnoException gone) {
            return false;
        }
    }

    /** Looking through all processes takes a while, so it is done once. */
    private Optional<ReleaseOutcome> sharedWithSomebody() {
        MemoryWatch memory = ending.memory();
        if (lookedForSharer || memory == null) {
            return Optional.empty();
        }
        lookedForSharer = true;
        OptionalInt sharer = memory.findSharer(ending.pid());
        return sharer.isPresent() ? Optional.of(stillShared(memory, sharer)) : Optional.empty();
    }

    private StillShared stillShared(MemoryWatch memory, OptionalInt sharer) {
        long resident = sharer.isPresent() ? memory.residentBytesOf(sharer.getAsInt()) : 0;
        return new StillShared(
                ending.pid(),
                ending.figures(resident > 0 ? resident : ending.residentBefore(), Optional.empty()),
                sharer.isPresent() ? OptionalLong.of(sharer.getAsInt()) : OptionalLong.empty());
    }

    private ReleaseOutcome awaitExit() throws InterruptedException {
        return awaitExit(deadline.remaining()) ? afterExit(cause()) : timedOut(Obstacle.EXITING);
    }

    private ReleasedByExit.Cause cause() {
        if (!ending.killed()) {
            return ReleasedByExit.Cause.ALREADY_GONE;
        }
        return ending.releasable() ? ReleasedByExit.Cause.FASTER : ReleasedByExit.Cause.NO_RELEASE_HERE;
    }

    /** The process has ended; its memory is back unless another one uses it. */
    ReleaseOutcome afterExit(ReleasedByExit.Cause cause) throws InterruptedException {
        MemoryWatch memory = ending.memory();
        Deadline patience = Deadline.in(SHORT_USE);
        while (memory != null && memory.inUse()) {
            Optional<ReleaseOutcome> shared = sharedWithSomebody();
            if (shared.isPresent()) {
                return shared.get();
            }
            if (patience.passed()) {
                return stillShared(memory, OptionalInt.empty());
            }
            Thread.sleep(FIRST_PAUSE);
        }
        return new ReleasedByExit(ending.pid(), ending.figures(ending.residentNow(), Optional.empty()), cause);
    }

    TimedOut timedOut(Obstacle obstacle) {
        return new TimedOut(ending.pid(), ending.figures(ending.residentNow(), Optional.empty()), obstacle);
    }

    private boolean awaitExit(Duration time) throws InterruptedException {
        return ending.process().pidFd().awaitExit(time);
    }

    private Duration nextPause() {
        Duration next = deadline.atMost(pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
        return next;
    }
}
