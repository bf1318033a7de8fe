package dev.remora;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.ReleaseOutcome.ReleasedByExit.Cause;
import dev.remora.ReleaseOutcome.TimedOut.Obstacle;
import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MemoryWatch;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.EndingCalls;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.Signal;
import dev.remora.syscall.Urgency;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The end of one process, from the decision on: what is known of it, what was sent, and when. */
final class Ending implements AutoCloseable {

    static final Duration USUAL_LIMIT = Duration.ofSeconds(10);

    private static final int INIT = 1;

    /** As if the process had been faster: where nothing was killed, or nothing can be released, its exit is waited for. */
    private static final long NOTHING_TO_RELEASE = -Linux.ESRCH();

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long pageSize;
    private final long decidedAt;
    private final EndingCalls calls;

    /** Whether there was somebody to be ended: a zombie takes signals too. */
    private final boolean alive;

    private MemoryWatch memory;
    private volatile Optional<Duration> timeToKill = Optional.empty();
    private volatile Optional<Duration> timeToReap = Optional.empty();

    @GuardedBy("this")
    private int releasing;

    @GuardedBy("this")
    private @Nullable ReleaseOutcome released;

    private Ending(Kernel kernel, PinnedProcess process, long pageSize) {
        decidedAt = System.nanoTime();
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
        calls = new EndingCalls(kernel);
        alive = !process.exited() && delivered(calls.send(pidFd(), Signal.NONE), Signal.NONE);
        memory = process.watch(pageSize);
    }

    /**
     * Prepares for the end of a process that the caller has borrowed: whatever may be slow or fail does so here, missing
     * rights included, and nothing is sent yet. The process stays borrowed until this is closed, or closes it.
     */
    static Ending prepare(Kernel kernel, PinnedProcess process, long pageSize) {
        return new Ending(kernel, process, pageSize);
    }

    static void requireLimit(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("A time to wait is zero or more, and " + limit + " is less");
        }
    }

    /** Says whether it is neither the calling process nor the first of this pid namespace. */
    static boolean isOther(Kernel kernel, long pid) {
        return pid != INIT && pid != new OwnProcess(kernel).pid();
    }

    /** Refuses what the kernel would either do to the caller itself or silently not do. */
    static void requireOther(Kernel kernel, long pid) {
        if (pid == new OwnProcess(kernel).pid()) {
            throw new UnsupportedOperationException(
                    "Process " + pid + " is the one that calls: to end it, use Runtime.halt or System.exit");
        }
        if (pid == INIT) {
            throw new UnsupportedOperationException("Process 1 is the first of this pid namespace: the kernel ignores"
                    + " signals to it from inside. To end it, shut the system or the container down from outside");
        }
    }

    int pid() {
        return process.pid();
    }

    boolean releasable() {
        return calls.releasable();
    }

    boolean killed() {
        return timeToKill.isPresent();
    }

    PinnedProcess process() {
        return process;
    }

    MemoryWatch memory() {
        return memory;
    }

    private Descriptor pidFd() {
        return process.pidFd().descriptor();
    }

    /** Sends SIGKILL, unless it had ended before. */
    void kill() {
        if (alive && delivered(calls.send(pidFd(), Signal.KILL), Signal.KILL)) {
            markKilled();
        }
    }

    /** Notes that SIGKILL was sent just now, by whatever means, unless it had been before, or there was nobody to take it. */
    void markKilled() {
        if (alive && !killed()) {
            timeToKill = Optional.of(elapsed());
        }
    }

    /** Makes something of the answer to a signal: false where nobody was left to take it. */
    private boolean delivered(long result, Signal signal) {
        if (result == -Linux.ESRCH()) {
            return false;
        }
        if (result < 0) {
            throw Failures.signalling(
                    new RightsCheck(kernel, process.directory(), pid()),
                    new ErrnoException("pidfd_send_signal", "process " + pid() + ", " + signal, (int) -result));
        }
        return true;
    }

    /**
     * Kills and releases with nothing in between, and without letting the dying process have this CPU in the meantime:
     * once it runs, it gives up its memory within microseconds, and there is nothing left to release from here.
     */
    ReleaseOutcome killAndRelease(Duration limit) {
        if (!alive) {
            return new ReleaseRun(this, limit).after(NOTHING_TO_RELEASE);
        }
        EndingCalls.Answers answers;
        Duration untilKill;
        Descriptor pidFd = pidFd();
        try (var urgency = new Urgency(kernel)) {
            urgency.take();
            untilKill = elapsed();
            answers = calls.killAndRelease(pidFd);
        }
        if (delivered(answers.signal(), Signal.KILL)) {
            timeToKill = Optional.of(untilKill);
        }
        return new ReleaseRun(this, limit).after(noted(answers.release()));
    }

    /** Sends SIGTERM, waits, and goes on to {@link #killAndRelease} if that did not help. */
    ReleaseOutcome terminate(Duration grace, Duration limit) {
        var run = new ReleaseRun(this, limit);
        try {
            if (!alive || !delivered(calls.send(pidFd(), Signal.TERM), Signal.TERM)) {
                return run.afterExit(Cause.ALREADY_GONE);
            }
            if (process.pidFd().awaitExit(grace)) {
                return run.afterExit(Cause.TERMINATED);
            }
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            return run.timedOut(Obstacle.INTERRUPTED);
        }
        watchAnew();
        return killAndRelease(limit);
    }

    /** In its grace a process may have run another program, with other memory; or it is about to end. */
    private void watchAnew() {
        MemoryWatch former = memory;
        MemoryWatch fresh = process.watch(pageSize);
        boolean another = fresh.hasMemory();
        memory = another ? fresh : former;
        process.unwatch(another ? former : fresh);
    }

    /** Releases the memory of a process that was killed; once that is done, the outcome is the same for ever. */
    ReleaseOutcome release(Duration limit) {
        return release(Optional.empty(), limit);
    }

    /** Goes on after {@link #releaseOnce} has returned this. */
    ReleaseOutcome release(long result, Duration limit) {
        return release(Optional.of(result), limit);
    }

    private ReleaseOutcome release(Optional<Long> first, Duration limit) {
        process.borrow();
        try {
            ReleaseOutcome before = begin();
            return before == null ? releaseNow(first, limit) : before;
        } catch (ErrnoException failure) {
            throw Failures.other(failure);
        } finally {
            process.giveBack();
        }
    }

    private ReleaseOutcome releaseNow(Optional<Long> first, Duration limit) {
        ReleaseOutcome outcome = null;
        try {
            outcome = new ReleaseRun(this, limit).after(first.isPresent() ? first.get() : releaseOnce());
            return outcome;
        } finally {
            finish(outcome);
        }
    }

    private synchronized @Nullable ReleaseOutcome begin() {
        if (released == null) {
            releasing++;
        }
        return released;
    }

    private synchronized void finish(@Nullable ReleaseOutcome outcome) {
        if (released == null && outcome != null && outcome.released()) {
            released = outcome;
        }
        if (--releasing == 0 && released != null) {
            close();
        }
    }

    /** Returns 0 or −errno. */
    long releaseOnce() {
        return calls.releasable() && killed() ? noted(calls.release(pidFd())) : NOTHING_TO_RELEASE;
    }

    private long noted(long result) {
        if (result == 0) {
            timeToReap = Optional.of(elapsed());
        }
        return result;
    }

    Optional<Duration> timeToReap() {
        return timeToReap;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - decidedAt);
    }

    ReleaseFigures figures(long residentAfter, Optional<Duration> timeToReap) {
        Optional<Duration> timeToExit = process.exited() ? Optional.of(elapsed()) : Optional.empty();
        return new ReleaseFigures(residentBefore(), residentAfter, timeToKill, timeToReap, timeToExit);
    }

    long residentNow() {
        return memory.residentBytes();
    }

    long residentBefore() {
        return memory.residentBytesAtFirst();
    }

    /** Looks at the memory no more. */
    @Override
    public void close() {
        process.unwatch(memory);
    }
}
