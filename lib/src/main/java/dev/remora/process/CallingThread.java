package dev.remora.process;

import dev.remora.syscall.Architecture;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.ReturnFrame;
import dev.remora.syscall.Syscall;
import dev.remora.syscall.ThreadRegisters;
import dev.remora.syscall.ThreadState;
import dev.remora.syscall.Tracee;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;

/**
 * A stopped thread that executes system calls for its tracer, until that lets go of it or has to give way to a signal.
 *
 * <p>Should the tracer be killed, the thread runs on by itself at any moment: before its registers are changed, a frame
 * stands on its stack with which it returns from the call as from a signal handler, to where it was. What is restored in
 * the end is more exact than that; and the registers are always given back before the stack is.
 */
final class CallingThread implements AutoCloseable {

    private final StoppedThread thread;
    private final Tracee tracee;
    private final CallSite site;
    private final Arena arena = Arena.ofConfined();
    private final ThreadRegisters ours;
    private final ReturnFrame frame;
    private final MemorySegment overwritten;

    /** Whether the thread's registers and stack are ours. */
    private boolean ownsThread;

    /** Whether it stands where a call ended, and not where it was stopped. */
    private boolean atEndOfCall;

    private CallingThread(StoppedThread thread, CallSite site) {
        this.thread = thread;
        this.site = site;
        tracee = thread.tracee();
        ours = ThreadRegisters.allocate(Architecture.ofThisMachine(), arena);
        frame = ReturnFrame.of(tracee, thread.registers(), site.restorer(), arena);
        overwritten = arena.allocate(frame.content().byteSize());
    }

    /**
     * Prepares a thread that stands still. Throws {@link ErrnoException}, a bad address if it has no room on its stack.
     *
     * @param data what its calls are to find at the address that they are given
     */
    static CallingThread prepare(StoppedThread thread, CallSite site, MemorySegment data) {
        var prepared = new CallingThread(thread, site);
        try {
            prepared.frame.content().copyFrom(data);
            prepared.putFrame();
            return prepared;
        } catch (RuntimeException | Error failure) {
            prepared.close();
            throw failure;
        }
    }

    private void putFrame() {
        tracee.readMemory(frame.dataAddress(), overwritten);
        tracee.writeMemory(frame.dataAddress(), frame.content());
        ownsThread = true;
    }

    /**
     * Has the thread execute a system call, and returns its result: a value, or −errno. Empty if a signal came first;
     * then the signal has taken effect, the thread stands still somewhere else, and this is of no further use.
     *
     * @param arguments six of them, made from the address of the data
     * @param others what is to be done for other threads meanwhile; false once there is nothing left to do
     */
    OptionalLong call(Syscall call, LongFunction<long[]> arguments, BooleanSupplier others) {
        ours.copyFrom(thread.registers());
        ours.prepareCall(site.call(), frame.stackPointer(), call, arguments.apply(frame.dataAddress()));
        tracee.write(ours);
        atEndOfCall = false;
        ThreadState state = runToSystemCall();
        if (state instanceof ThreadState.Signalled signalled) {
            giveWay(signalled);
            return OptionalLong.empty();
        }
        tracee.resumeToSystemCall();
        requireAlive(awaitEndOfCall(others));
        atEndOfCall = true;
        return OptionalLong.of(tracee.systemCallResult());
    }

    /** A call may take long. */
    private ThreadState awaitEndOfCall(BooleanSupplier others) {
        while (others.getAsBoolean()) {
            ThreadState state = thread.awaitAnyStopBriefly();
            if (!(state instanceof ThreadState.Running)) {
                return state;
            }
        }
        return tracee.await();
    }

    /** Its process may be stopped meanwhile; that does not concern the call. */
    private ThreadState runToSystemCall() {
        ThreadState state;
        do {
            tracee.resumeToSystemCall();
            state = thread.awaitAnyStop();
            if (state instanceof ThreadState.Running) {
                state = stopFrozen();
            }
        } while (state instanceof ThreadState.Trapped);
        requireAlive(state);
        return state;
    }

    /**
     * A thread of a frozen cgroup (version 2) can be stopped, but does not run on to the call. One that cannot even be
     * stopped makes the call once it runs again.
     */
    private ThreadState stopFrozen() {
        tracee.interrupt();
        ThreadState state = thread.awaitAnyStop();
        if (state instanceof ThreadState.Trapped) {
            restore();
            throw new NotInjectedException(NotInjectedException.Reason.FROZEN);
        }
        if (state instanceof ThreadState.Running) {
            abandon();
            throw new NotInjectedException(NotInjectedException.Reason.FROZEN);
        }
        return state;
    }

    private void requireAlive(ThreadState state) {
        if (state instanceof ThreadState.Ended) {
            throw Tracee.ended(tracee.number());
        }
    }

    private void giveWay(ThreadState.Signalled signalled) {
        boolean dispatched = tracee.callWasDispatched();
        restore();
        thread.resumeToTrap(dispatched ? 0 : signalled.signal());
        if (!thread.awaitTrap()) {
            throw Tracee.ended(tracee.number());
        }
        if (dispatched) {
            throw new NotInjectedException(NotInjectedException.Reason.CALLS_DISPATCHED);
        }
    }

    private void restore() {
        if (!ownsThread) {
            return;
        }
        thread.restore();
        ownsThread = false;
        try {
            tracee.writeMemory(frame.dataAddress(), overwritten);
        } catch (ErrnoException refused) {
            // The thread is as it was; what lies below its red zone, no program relies on.
        }
    }

    private void abandon() {
        ownsThread = false;
        thread.abandon();
    }

    /** Brings the thread back to where it was stopped, as it was. */
    void finish() {
        if (atEndOfCall) {
            atEndOfCall = false;
            thread.resumeToTrap(0);
            ThreadState state = thread.awaitAnyStop();
            if (state instanceof ThreadState.Running) {
                abandon();
            }
            requireAlive(state);
            if (state instanceof ThreadState.Signalled signalled) {
                giveWay(signalled);
            }
        }
        restore();
    }

    @Override
    public void close() {
        arena.close();
    }
}
