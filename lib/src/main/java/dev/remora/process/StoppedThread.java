package dev.remora.process;

import dev.remora.syscall.Architecture;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.ThreadRegisters;
import dev.remora.syscall.ThreadState;
import dev.remora.syscall.Tracee;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread of another process that is brought to stand still where the kernel looks for signals, before the thread runs on in
 * its program. There its registers may be changed, and the kernel has not decided yet whether a call that was interrupted
 * begins anew: it does so by the registers with which the thread goes on.
 */
final class StoppedThread {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);
    private static final long SPIN = TimeUnit.MICROSECONDS.toNanos(300);
    private static final long BRIEFLY = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(50);

    private final Tracee tracee;
    private final ThreadRegisters registers;
    private boolean interrupted;
    private long interruptedAt;
    private boolean stands;

    /** Whether the kernel would let it go on with something else than these registers. */
    private boolean changed;

    private boolean ended;
    private boolean abandoned;
    private long standstill;

    StoppedThread(Tracee tracee, Arena arena) {
        this.tracee = tracee;
        registers = ThreadRegisters.allocate(Architecture.ofThisMachine(), arena);
    }

    Tracee tracee() {
        return tracee;
    }

    /** What it had when it was stopped, and goes on with; whoever asks for them may change them. */
    ThreadRegisters registers() {
        changed = true;
        return registers;
    }

    /** Whether it stands where it was to be stopped. */
    boolean stands() {
        return stands;
    }

    /** Stops it. Returns false if it has ended, or does not come to stand still soon. */
    boolean stop() {
        interrupt();
        return awaitTrap();
    }

    /** Asks it to stop, and does not wait for that. One that has ended, the wait will tell of. */
    void interrupt() {
        interruptedAt = System.nanoTime();
        interrupted = true;
        var _ = unlessEnded(tracee::interrupt);
    }

    private static boolean unlessEnded(Runnable request) {
        try {
            request.run();
            return true;
        } catch (ErrnoException failure) {
            if (!Tracee.ended(failure)) {
                throw failure;
            }
            return false;
        }
    }

    /**
     * Waits for the stop that was asked for. A signal that comes first takes effect as if nobody traced. Any stop uses up the
     * one that was asked for, so that it has to be asked for again.
     */
    boolean awaitTrap() {
        return awaitTrap(PATIENCE);
    }

    boolean awaitTrap(long patience) {
        long deadline = System.nanoTime() + patience;
        stands = false;
        while (!stands && !ended) {
            ThreadState state = poll(deadline);
            if (state instanceof ThreadState.Running) {
                return false;
            }
            take(state);
        }
        return stands;
    }

    private void take(ThreadState state) {
        switch (state) {
            case ThreadState.Trapped _ -> {
                stands = unlessEnded(() -> {
                    tracee.read(registers);
                    changed = registers.wide() && registers.continueInterruptedWait();
                });
            }
            case ThreadState.Signalled signalled -> {
                var _ = unlessEnded(() -> resumeToTrap(signalled.signal()));
            }
            case ThreadState.AtSystemCall _ -> {
                var _ = unlessEnded(() -> resumeToTrap(0));
            }
            case ThreadState.Running _ -> {}
            case ThreadState.Ended _ -> ended = true;
        }
    }

    /**
     * Looks whether one that stood does no more, and asks for that again: it was killed, or another thread of its process has got
     * its number by execve.
     */
    boolean standsNoMore() {
        if (!stands) {
            return false;
        }
        stands = unlessEnded(tracee::requireStop);
        ThreadState state = stands ? tracee.state() : new ThreadState.Running();
        if (!(state instanceof ThreadState.Running)) {
            stands = false;
            take(state);
            settle();
        }
        if (!stands) {
            interrupt();
        }
        return !stands;
    }

    /** From any stop to the next trap, unless a signal comes first. */
    void resumeToTrap(int signal) {
        tracee.interrupt();
        tracee.resume(signal);
    }

    /** What it does now, or a little later. */
    ThreadState awaitAnyStopBriefly() {
        return poll(System.nanoTime() + BRIEFLY);
    }

    /** What it does once it does something else than run, or still runs after a while. */
    ThreadState awaitAnyStop() {
        return poll(System.nanoTime() + PATIENCE);
    }

    private ThreadState poll(long deadline) {
        long start = System.nanoTime();
        ThreadState state = tracee.state();
        for (long now = start; state instanceof ThreadState.Running && now < deadline; now = System.nanoTime()) {
            if (now - start < SPIN) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE);
            }
            state = tracee.state();
        }
        return state;
    }

    /** Gives up one that runs with registers that are not its own: it comes back by the frame on its stack. */
    void abandon() {
        abandoned = true;
        stands = false;
    }

    /** Whether it was found to have ended when it was waited for. */
    boolean ended() {
        return ended;
    }

    /** Looks whether one that stands was killed since. */
    boolean endedSince() {
        if (stands && tracee.state() instanceof ThreadState.Ended) {
            stands = false;
            ended = true;
        }
        return ended;
    }

    /** Collects it if it has ended, for its tracer, which must not do anything with it meanwhile. */
    void collectIfEnded() {
        if (!ended && tracee.collectIfEnded()) {
            stands = false;
            ended = true;
        }
    }

    /** Gives it its registers back. */
    void restore() {
        tracee.write(registers);
    }

    /** Sees to it that it goes on as it is to, even if nobody lets go of it any more and the kernel has to. */
    void settle() {
        if (stands && changed && unlessEnded(this::restore)) {
            changed = false;
        }
    }

    /**
     * Lets it run on from where it was stopped. One that was asked to stop and has not yet cannot be let go of by itself: the
     * kernel does that when the tracer ends.
     */
    void letGo() {
        var _ = letGoIfStopped();
    }

    private boolean letGoIfStopped() {
        if (abandoned) {
            return false;
        }
        if (!stands && !(interrupted ? awaitTrap(0) : stop())) {
            return ended;
        }
        // A thread that was killed has nothing to be given back.
        settle();
        if (unlessEnded(tracee::detach)) {
            standstill = System.nanoTime() - interruptedAt;
        }
        return true;
    }

    /** Lets go of one that was waited for in vain and has stopped since. Returns whether there is nothing left to let go of. */
    boolean letGoIfLate() {
        return interrupted && !stands && letGoIfStopped();
    }

    /** The nanoseconds from the request to stop until it was let go of. */
    long standstill() {
        return standstill;
    }
}
