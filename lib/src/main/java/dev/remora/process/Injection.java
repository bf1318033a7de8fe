package dev.remora.process;

import dev.remora.process.NotInjectedException.Reason;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import dev.remora.syscall.Tracee;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes a process execute system calls itself. One of its threads stands still from the first call until this is closed,
 * and makes them all.
 *
 * <p>All of it belongs to the thread that began it, which must be a platform thread that ends soon afterwards: what is
 * still traced then, the kernel lets go of.
 */
public final class Injection implements AutoCloseable {

    /**
     * How a process is made to execute calls.
     *
     * @param stopsOtherThreads whether all its other threads stand still as well
     * @param suspendsSeccomp whether seccomp filters are out of force for the threads that are traced
     */
    public record Manner(boolean stopsOtherThreads, boolean suspendsSeccomp) {}

    private static final int MOST_ATTEMPTS = 10_000;
    private static final long TIME_TO_END = TimeUnit.MILLISECONDS.toNanos(100);

    private final Kernel kernel;
    private final PinnedProcess process;
    private final MemorySegment data;
    private final TracedThreads threads;

    /** Otherwise they stand still for somebody else's sake, before and afterwards. */
    private final boolean ownsThreads;

    private GuardedStacks stacks = GuardedStacks.unknown();
    private @Nullable StoppedThread stopped;
    private @Nullable CallingThread caller;

    /**
     * Prepares to inject; nothing happens to the process yet.
     *
     * @param data what the calls are to find at the address that they are given, at most {@link
     *     dev.remora.syscall.ReturnFrame#DATA_BYTES}
     */
    public Injection(Kernel kernel, PinnedProcess process, Manner manner, MemorySegment data) {
        this(kernel, process, manner, data, _ -> true);
    }

    /** The same with threads of these numbers only. */
    Injection(Kernel kernel, PinnedProcess process, Manner manner, MemorySegment data, IntPredicate eligible) {
        this.kernel = kernel;
        this.process = process;
        this.data = data;
        TracedThreads held = Freeze.heldHere(process);
        ownsThreads = held == null;
        threads = held == null ? new TracedThreads(kernel, process, manner, eligible) : held;
        if (held != null) {
            held.beginAnew();
            held.suspendSeccomp(manner.suspendsSeccomp());
        }
    }

    /**
     * Has the process execute a system call, and returns its result: a value, or −errno. Throws {@link
     * NotInjectedException} if it cannot be made to, {@link ErrnoException} if the caller may not trace it, or if it has
     * ended: ESRCH.
     *
     * @param arguments six of them, made from the address of the data
     */
    public long call(Syscall call, LongFunction<long[]> arguments) {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            try {
                OptionalLong result = caller().call(call, arguments, threads::letGoOfLate);
                if (result.isPresent()) {
                    return result.getAsLong();
                }
                forgetCaller();
            } catch (ErrnoException failure) {
                forgetCaller();
                stopped = null;
                requireOnlyTheThreadEnded(failure);
            }
        }
        throw new NotInjectedException(Reason.NO_THREAD);
    }

    /** Says whether a failure means that the process has ended. */
    public static boolean processGone(ErrnoException failure) {
        return Tracee.ended(failure);
    }

    private void requireOnlyTheThreadEnded(ErrnoException failure) {
        if (!Tracee.ended(failure) && !ProcDirectory.meansGone(failure)) {
            throw failure;
        }
        if (process.gone()) {
            throw Tracee.ended(process.pid());
        }
    }

    private void forgetCaller() {
        if (caller != null) {
            caller.close();
            caller = null;
        }
    }

    private CallingThread caller() {
        CallingThread known = caller;
        while (known == null) {
            StoppedThread thread = stopped != null ? stopped : stopNext();
            stopped = thread;
            known = prepare(thread);
            if (known == null) {
                threads.giveUp(thread);
                stopped = null;
            }
        }
        caller = known;
        return known;
    }

    /** What takes time is found out before the thread stands still. */
    private StoppedThread stopNext() {
        StoppedThread thread;
        do {
            var _ = threads.letGoOfLate();
            thread = seizeNext();
            stacks = GuardedStacks.of(kernel, process.directory());
            if (process.callSite() == null) {
                var _ = find(thread.tracee());
            }
        } while (!threads.stop(thread));
        return thread;
    }

    /** A process that is ending has no threads left some time before it has ended. */
    private StoppedThread seizeNext() {
        try {
            return threads.seizeNext();
        } catch (NotInjectedException inTheWay) {
            if (process.gone() || (inTheWay.reason() == Reason.NO_THREAD && endsSoon())) {
                throw Tracee.ended(process.pid());
            }
            throw inTheWay;
        }
    }

    private boolean endsSoon() {
        long deadline = System.nanoTime() + TIME_TO_END;
        while (!process.gone() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TIME_TO_END / 20);
        }
        return process.gone();
    }

    /** Null if this thread cannot make calls where it stands. */
    private @Nullable CallingThread prepare(StoppedThread thread) {
        if (!thread.registers().wide()) {
            throw new NotInjectedException(Reason.NARROW);
        }
        if (!stacks.contain(thread.registers().stackPointer()) || !RestartableSequence.abortIn(thread)) {
            return null;
        }
        try {
            return CallingThread.prepare(thread, site(thread.tracee()), data);
        } catch (ErrnoException failure) {
            if (Tracee.badAddress(failure)) {
                return null;
            }
            throw failure;
        }
    }

    private CallSite site(Tracee tracee) {
        CallSite site = process.callSite();
        if (site == null || !site.presentIn(tracee)) {
            site = find(tracee);
        }
        if (site == null) {
            throw new NotInjectedException(Reason.NO_CALL_SITE);
        }
        return site;
    }

    private @Nullable CallSite find(Tracee tracee) {
        CallSite found = CallSite.find(process.directory(), tracee);
        if (found != null) {
            process.keep(found);
        }
        return found;
    }

    /** How long the thread that made the calls stood still, from the request to stop until it was let go. */
    public Duration standstill() {
        return Duration.ofNanos(stopped == null ? 0 : stopped.standstill());
    }

    /** Lets go of the process, which goes on as if nothing had been. */
    @Override
    public void close() {
        try {
            if (caller != null) {
                caller.finish();
            }
        } catch (ErrnoException failure) {
            if (!Tracee.ended(failure)) {
                throw failure;
            }
        } finally {
            forgetCaller();
            if (ownsThreads) {
                threads.close();
            } else {
                threads.suspendSeccomp(false);
            }
        }
    }
}
