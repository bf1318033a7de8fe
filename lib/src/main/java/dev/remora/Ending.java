package dev.remora;

import dev.remora.ReleaseOutcome.ReleasedByExit.Cause;
import dev.remora.ReleaseOutcome.TimedOut.Obstacle;
import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MemoryWatch;
import dev.remora.procfs.ProcDirectory;
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
final class Ending {

    static final Duration USUAL_LIMIT = Duration.ofSeconds(10);

    private static final int INIT = 1;

    /** As if the process had been faster: where nothing was killed, or nothing can be released, its exit is waited for. */
    private static final long NOTHING_TO_RELEASE = -Linux.ESRCH();

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long decidedAt;
    private final EndingCalls calls;
    private final @Nullable MemoryWatch memory;
    private final long residentBefore;
    private volatile Optional<Duration> timeToKill = Optional.empty();

    private Ending(Kernel kernel, PinnedProcess process, long pageSize) {
        decidedAt = System.nanoTime();
        this.kernel = kernel;
        this.process = process;
        calls = new EndingCalls(kernel);
        boolean _ = delivered(calls.send(pidFd(), Signal.NONE), Signal.NONE);
        memory = memoryUnlessGone(process, pageSize);
        residentBefore = memory == null ? 0 : memory.residentBytesAtFirst();
    }

    /**
     * Prepares for the end of a process that the caller has borrowed: whatever may be slow or fail does so here, missing
     * rights included, and nothing is sent yet.
     */
    static Ending prepare(Kernel kernel, PinnedProcess process, long pageSize) {
        return new Ending(kernel, process, pageSize);
    }

    static void requireLimit(Duration limit) {
        if (limit.isNegative()) {
            throw new IllegalArgumentException("A time to wait is zero or more, and " + limit + " is less");
        }
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

    private static @Nullable MemoryWatch memoryUnlessGone(PinnedProcess process, long pageSize) {
        try {
            return process.memory(pageSize);
        } catch (ErrnoException failure) {
            if (ProcDirectory.meansGone(failure)) {
                return null;
            }
            throw Failures.reading(process.pid(), failure);
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

    @Nullable
    MemoryWatch memory() {
        return memory;
    }

    private Descriptor pidFd() {
        return process.pidFd().descriptor();
    }

    void kill() {
        if (delivered(calls.send(pidFd(), Signal.KILL), Signal.KILL)) {
            markKilled();
        }
    }

    /** Notes that SIGKILL was sent just now, by whatever means. */
    void markKilled() {
        timeToKill = Optional.of(elapsed());
    }

    /** Makes something of the answer to a signal: false where nobody was left to take it. */
    private boolean delivered(long result, Signal signal) {
        if (result == -Linux.ESRCH()) {
            return false;
        }
        if (result < 0) {
            throw Failures.signalling(
                    new ErrnoException("pidfd_send_signal", "process " + pid() + ", " + signal, (int) -result));
        }
        return true;
    }

    /**
     * Kills and releases with nothing in between, and without letting the dying process have this CPU in the meantime:
     * once it runs, it gives up its memory within microseconds, and there is nothing left to release from here.
     */
    ReleaseOutcome killAndRelease(Duration limit) {
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
        return new ReleaseRun(this, limit).after(answers.release());
    }

    /** Sends SIGTERM, waits, and goes on to {@link #killAndRelease} if that did not help. */
    ReleaseOutcome terminate(Duration grace, Duration limit) {
        var run = new ReleaseRun(this, limit);
        try {
            if (!delivered(calls.send(pidFd(), Signal.TERM), Signal.TERM)) {
                return run.afterExit(Cause.ALREADY_GONE);
            }
            if (process.pidFd().awaitExit(grace)) {
                return run.afterExit(Cause.TERMINATED);
            }
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            return run.timedOut(Obstacle.INTERRUPTED);
        }
        return killAndRelease(limit);
    }

    ReleaseOutcome release(Duration limit) {
        process.borrow();
        try {
            return new ReleaseRun(this, limit).after(releaseOnce());
        } catch (ErrnoException failure) {
            throw Failures.other(failure);
        } finally {
            process.giveBack();
        }
    }

    /** Returns 0 or −errno. */
    long releaseOnce() {
        return calls.releasable() && killed() ? calls.release(pidFd()) : NOTHING_TO_RELEASE;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - decidedAt);
    }

    ReleaseFigures figures(long residentAfter, Optional<Duration> timeToReap) {
        Optional<Duration> timeToExit = process.exited() ? Optional.of(elapsed()) : Optional.empty();
        return new ReleaseFigures(residentBefore, residentAfter, timeToKill, timeToReap, timeToExit);
    }

    long residentNow() {
        return memory == null ? 0 : memory.residentBytes();
    }

    long residentBefore() {
        return residentBefore;
    }
}
