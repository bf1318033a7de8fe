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
 * A thread of another process that stands still where the kernel looks for signals, before the thread runs on in its
 * program. There its registers may be changed, and the kernel has not decided yet whether a call that was interrupted
 * begins anew: it does so by the registers with which the thread goes on.
 */
final class StoppedThread {

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);
    private static final long SPIN = TimeUnit.MICROSECONDS.toNanos(300);
    private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(50);

    private final Tracee tracee;
    private final ThreadRegisters registers;
    private long interruptedAt;

    StoppedThread(Tracee tracee, Arena arena) {
        this.tracee = tracee;
        registers = ThreadRegisters.allocate(Architecture.ofThisMachine(), arena);
    }

    Tracee tracee() {
        return tracee;
    }

    /** What it had when it was stopped, and goes on with. */
    ThreadRegisters registers() {
        return registers;
    }

    /** Stops it. Returns false if it has ended, or does not come to stand still soon. */
    boolean stop() {
        interrupt();
        return awaitTrap();
    }

    /** Asks it to stop, and does not wait for that. */
    void interrupt() {
        interruptedAt = System.nanoTime();
        tracee.interrupt();
    }

    /** The nanoseconds since it was asked to stop. */
    long standstill() {
        return System.nanoTime() - interruptedAt;
    }

    /**
     * Waits for the stop that was asked for. A signal that comes first takes effect as if nobody traced. Any stop uses up the
     * one that was asked for, so that it has to be asked for again.
     */
    boolean awaitTrap() {
        long deadline = System.nanoTime() + PATIENCE;
        while (true) {
            switch (poll(deadline)) {
                case ThreadState.Trapped _ -> {
                    tracee.read(registers);
                    registers.continueInterruptedWait();
                    return true;
                }
                case ThreadState.Signalled signalled -> resumeToTrap(signalled.signal());
                case ThreadState.AtSystemCall _ -> resumeToTrap(0);
                case ThreadState.Running _, ThreadState.Ended _ -> {
                    return false;
                }
            }
        }
    }

    /** From any stop to the next trap, unless a signal comes first. */
    void resumeToTrap(int signal) {
        tracee.interrupt();
        tracee.resume(signal);
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

    /** Whether it has not ended, although it did not come to stand still. */
    boolean alive() {
        return !(tracee.state() instanceof ThreadState.Ended);
    }

    /** Gives it its registers back. */
    void restore() {
        tracee.write(registers);
    }

    /** Lets go of it where it was stopped. */
    void release() {
        try {
            restore();
            tracee.detach();
        } catch (ErrnoException ended) {
            // A thread that was killed has nothing to be given back.
        }
    }
}
