package dev.remora;

import dev.remora.ReleaseOutcome.Reaped;
import dev.remora.ReleaseOutcome.ReleasedByExit;
import dev.remora.ReleaseOutcome.StillShared;
import dev.remora.ReleaseOutcome.TimedOut;
import dev.remora.ReleaseOutcome.TimedOut.Obstacle;
import dev.remora.ReleaseOutcome.Unverified;
import dev.remora.bindings.Linux;
import dev.remora.procfs.MemorySharer;
import dev.remora.procfs.MemoryWatch;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.ErrnoException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Releases the memory of one process that was killed, until it is back or the time is over. */
final class ReleaseRun {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

    /** How long somebody who just looks at the memory may hold it before it counts as shared. */
    private static final Duration SHORT_USE = Duration.ofMillis(100);

    private final Ending ending;
    private final Deadline deadline;
    private Duration pause = FIRST_PAUSE;

    /** Who was seen to use the memory too, and until when that may be a short use. */
    private @Nullable MemorySharer sharer;

    private Deadline patience = Deadline.in(Duration.ZERO);

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
        } finally {
            forgetSharer();
        }
    }

    private ReleaseOutcome release(long first) throws InterruptedException {
        long result = first;
        while (true) {
            if (result == 0) {
                return new Reaped(ending.pid(), ending.figures(ending.residentNow(), ending.timeToReap()));
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

    /**
     * Before the exit of the process the memory is shared if somebody is seen to use it, and still does a while later.
     * Others let go of it by themselves: who just reads it, or is about to run another program, as after {@code vfork(2)}.
     */
    private Optional<ReleaseOutcome> sharedWithSomebody() {
        if (!patience.passed()) {
            return Optional.empty();
        }
        Optional<ReleaseOutcome> shared = Optional.ofNullable(sharer).flatMap(this::sharedWith);
        if (shared.isEmpty()) {
            forgetSharer();
            sharer = ending.memory().findSharer(ending.pid()).orElse(null);
            patience = Deadline.in(SHORT_USE);
        }
        return shared;
    }

    private Optional<ReleaseOutcome> sharedWith(MemorySharer other) {
        OptionalLong resident = other.residentBytes();
        return resident.isPresent()
                ? Optional.of(stillShared(resident.getAsLong(), OptionalLong.of(other.pid())))
                : Optional.empty();
    }

    private void forgetSharer() {
        if (sharer != null) {
            sharer.close();
            sharer = null;
        }
    }

    private StillShared stillShared(long resident, OptionalLong sharerPid) {
        return new StillShared(ending.pid(), ending.figures(resident, Optional.empty()), sharerPid);
    }

    /** After the exit somebody else uses the memory for sure, and is named if found. */
    private ReleaseOutcome usedOn() {
        try (MemorySharer other = ending.memory().findSharer(ending.pid()).orElse(null)) {
            return Optional.ofNullable(other)
                    .flatMap(this::sharedWith)
                    .orElseGet(() -> stillShared(ending.residentBefore(), OptionalLong.empty()));
        }
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
        Deadline shortUse = Deadline.in(SHORT_USE);
        while (memory.inUse()) {
            if (shortUse.passed()) {
                return usedOn();
            }
            Thread.sleep(FIRST_PAUSE);
        }
        ReleaseFigures figures = ending.figures(ending.residentNow(), Optional.empty());
        return memory.hidden()
                ? new Unverified(ending.pid(), figures)
                : new ReleasedByExit(ending.pid(), figures, cause);
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
