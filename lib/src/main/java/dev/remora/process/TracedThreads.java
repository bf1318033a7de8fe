package dev.remora.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.process.NotInjectedException.Reason;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.procfs.ProcessStatus;
import dev.remora.procfs.ThreadStatus;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.Tracee;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The threads of a process that are traced. */
final class TracedThreads implements AutoCloseable {

    private static final long TIME_FOR_ALL = TimeUnit.SECONDS.toNanos(2);
    private static final long TIME_WHILE_SOME_STAND = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Of all tracers of this JVM. */
    private static final Set<TracedThreads> ALL = ConcurrentHashMap.newKeySet();

    private final Kernel kernel;
    private final PinnedProcess process;
    private final Injection.Manner manner;
    private final Candidates candidates;
    private final Arena arena = Arena.ofConfined();

    /** All that have not been let go of, by number. */
    private final Map<Integer, StoppedThread> seized = new LinkedHashMap<>();

    private boolean seccompSuspended;
    private boolean someStand;

    /** Whether the tracer may be kept waiting, and leaves to others what it has seized. */
    @GuardedBy("this")
    private boolean seizing;

    /** When to look again at those that stand. */
    private long nextLook;

    TracedThreads(Kernel kernel, PinnedProcess process, Injection.Manner manner, IntPredicate eligible) {
        this.kernel = kernel;
        this.process = process;
        this.manner = manner;
        candidates = new Candidates(kernel, process, eligible, seized::containsKey);
        seccompSuspended = manner.suspendsSeccomp();
        ALL.add(this);
    }

    /**
     * For who waits for a tracer: a thread that runs another program lets nobody seize one of its process until all others have
     * ended, and those that are traced already have only when somebody has collected them.
     */
    static void collectDead() {
        ALL.forEach(TracedThreads::collectWhileSeizing);
    }

    private synchronized void collectWhileSeizing() {
        if (seizing) {
            seized.values().forEach(StoppedThread::collectIfEnded);
        }
    }

    private synchronized void seizing(boolean begins) {
        seizing = begins;
    }

    /**
     * Seizes a thread that was not tried before; one that sleeps if possible, which then misses nothing. It runs on, unless
     * all threads stand still already. Throws {@link NotInjectedException} if there is none left.
     */
    StoppedThread seizeNext() {
        StoppedThread thread;
        do {
            thread = seizeToCall(candidates.next());
        } while (thread == null);
        return thread;
    }

    /** Stops what was seized, and all other threads if that is asked for. Returns false if it has ended or does not stop. */
    boolean stop(StoppedThread thread) {
        if (thread.stands()) {
            return true;
        }
        someStand = true;
        if (!awaitedOrGone(thread, thread.stop())) {
            return false;
        }
        if (manner.stopsOtherThreads()) {
            stopOthers(System.nanoTime() + TIME_FOR_ALL);
        }
        return true;
    }

    /** Seizes all there are. They run on. */
    void seizeAll() {
        boolean _ = seizeOthers(_ -> {});
    }

    /**
     * Stops all threads, those started meanwhile included, and sees to it that they go on as if nothing had been even if
     * this process is killed. Throws {@link NotInjectedException} if that takes longer than until the deadline.
     */
    void stopAll(long deadline) {
        someStand = true;
        List<StoppedThread> before = List.copyOf(seized.values());
        before.forEach(StoppedThread::interrupt);
        awaitAll(before, deadline);
        stopOthers(deadline);
    }

    /** Says whether all that were stopped still are. */
    boolean allStand() {
        return seized.values().stream().allMatch(StoppedThread::stands);
    }

    /** Forgets those that were killed. Returns whether any are left; until then, the number of the process is its own. */
    boolean anyLeft() {
        var _ = seized.values().removeIf(StoppedThread::endedSince);
        return !seized.isEmpty();
    }

    /** Forgets what was tried, when all of them stand still for somebody else's sake. */
    void beginAnew() {
        candidates.beginAnew();
    }

    /** Suspends seccomp for all that stand still, or lets it be in force again. */
    void suspendSeccomp(boolean suspended) {
        seccompSuspended = suspended;
        for (StoppedThread thread : seized.values()) {
            try {
                thread.tracee().suspendSeccomp(suspended);
            } catch (ErrnoException failure) {
                if (!Tracee.ended(failure)) {
                    throw failure;
                }
            }
        }
    }

    /** Lets go of one that cannot make calls, unless all are to stand still. */
    void giveUp(StoppedThread thread) {
        if (!manner.stopsOtherThreads()) {
            seized.remove(thread.tracee().number());
            thread.letGo();
        }
    }

    /**
     * Lets go of those that were waited for in vain and have stopped since, unless all are to stand still. Returns whether
     * there are others that may stop yet.
     */
    boolean letGoOfLate() {
        if (manner.stopsOtherThreads()) {
            return false;
        }
        var _ = seized.values().removeIf(StoppedThread::letGoIfLate);
        return seized.values().stream().anyMatch(thread -> !thread.stands());
    }

    /** Null if there is no such thread any more, or it may not make calls. */
    private @Nullable StoppedThread seizeToCall(int number) {
        StoppedThread known = seized.get(number);
        if (known != null) {
            return mayCallNow(number) ? known : null;
        }
        ThreadStatus status = untraced(number);
        return status == null || !mayCall(status) ? null : seize(number);
    }

    /** Null if there is no such thread any more. Throws {@link NotInjectedException} if somebody else traces it. */
    private @Nullable ThreadStatus untraced(int number) {
        try (ProcDirectory directory = process.directory().thread(number)) {
            ThreadStatus status = new Relatives(kernel).statusOnceLetGo(directory, keptTooLong());
            if (status.tracer() != 0 && status.tracer() != new OwnProcess(kernel).thread()) {
                throw new NotInjectedException(Reason.TRACED, new Relatives(kernel).processOf(status.tracer()));
            }
            return status.ended() ? null : status;
        } catch (ErrnoException failure) {
            requireGone(failure);
            return null;
        }
    }

    /** Who stands still does not wait long for another tracer of this JVM, which may wait for this one. */
    private BooleanSupplier keptTooLong() {
        long deadline = System.nanoTime() + TIME_WHILE_SOME_STAND;
        return () -> someStand && System.nanoTime() - deadline > 0;
    }

    private static void requireGone(ErrnoException failure) {
        if (!ProcDirectory.meansGone(failure)) {
            throw failure;
        }
    }

    /** Of one that stands still since before it was known whether it is to make calls. */
    private boolean mayCallNow(int number) {
        try (ProcDirectory directory = process.directory().thread(number)) {
            return mayCall(ThreadStatus.of(directory));
        } catch (ErrnoException failure) {
            requireGone(failure);
            return false;
        }
    }

    private boolean mayCall(ThreadStatus status) {
        if (status.confined() && !seccompSuspended) {
            candidates.refused(Reason.CONFINED);
            return false;
        }
        if (status.trapPending()) {
            candidates.refused(Reason.TRAP_PENDING);
            return false;
        }
        return true;
    }

    /**
     * The number may have passed to a thread of somebody else by now. What is traced keeps its number; so if the process
     * has a thread of that number afterwards, it is the one that was seized. Anybody else is let go of at once.
     */
    private @Nullable StoppedThread seize(int number) {
        Tracee tracee = trace(number);
        if (tracee == null) {
            return null;
        }
        var thread = new StoppedThread(tracee, arena);
        try (ProcDirectory _ = process.directory().thread(number)) {
            seized.put(number, thread);
            return thread;
        } catch (ErrnoException stranger) {
            thread.letGo();
            requireGone(stranger);
            return null;
        }
    }

    /** Null if it never runs the program again. Where that one had ended, another one may get its number by execve. */
    private @Nullable Tracee trace(int number) {
        if (number == process.pid() && idle(number)) {
            return null;
        }
        for (boolean again = true; ; again = false) {
            try {
                return seizeMeanwhileCollecting(number);
            } catch (ErrnoException failure) {
                // One that has just ended, or that somebody traces since, is refused like one that may not be traced.
                if (Tracee.ended(failure) || idle(number)) {
                    return null;
                }
                if (!again) {
                    throw failure;
                }
            }
        }
    }

    private Tracee seizeMeanwhileCollecting(int number) {
        seizing(true);
        try {
            return Tracee.seize(kernel, number, manner.suspendsSeccomp(), manner.stopsOtherThreads(), arena);
        } finally {
            seizing(false);
        }
    }

    /** The first thread may have ended long ago, and is listed until the last one has, or until another one gets its number. */
    private boolean idle(int number) {
        return worker(number) || untraced(number) == null;
    }

    /** Goes on until all are known: those that still run may start others, also those that have ended since they were listed. */
    private void stopOthers(long deadline) {
        boolean allKnown;
        do {
            List<StoppedThread> found = new ArrayList<>();
            allKnown = seizeOthers(thread -> {
                thread.interrupt();
                found.add(thread);
            });
            StoppedThread first = seized.get(process.pid());
            if (first != null && first.standsNoMore()) {
                found.add(first);
                allKnown = false;
            }
            awaitAll(found, deadline);
            if (!allKnown && System.nanoTime() - deadline > 0) {
                throw new NotInjectedException(Reason.NOT_ALL_STOPPED);
            }
        } while (!allKnown);
    }

    /**
     * Each goes on as it is to from the moment at which it stands, however long others take. Who runs another program kills those
     * that stand, and waits until their ends have been seen here.
     */
    private void awaitAll(List<StoppedThread> interrupted, long deadline) {
        List<StoppedThread> awaited = new ArrayList<>(interrupted);
        nextLook = System.nanoTime() + BETWEEN_LOOKS;
        boolean all = Polling.until(deadline, () -> {
            int known = seized.size();
            boolean someCame = awaited.removeIf(this::settledOrGone);
            if (seized.size() < known || (!someCame && System.nanoTime() - nextLook >= 0)) {
                nextLook = System.nanoTime() + BETWEEN_LOOKS;
                seized.values().stream().filter(StoppedThread::standsNoMore).forEach(awaited::add);
                awaited.removeIf(this::droppedAsIdle);
            }
            return awaited.isEmpty();
        });
        if (!all && manner.stopsOtherThreads()) {
            throw new NotInjectedException(Reason.NOT_ALL_STOPPED);
        }
    }

    /** The first thread, when it has ended before others: the kernel tells its tracer of that only when the last one has. */
    private boolean droppedAsIdle(StoppedThread thread) {
        int number = thread.tracee().number();
        return number == process.pid() && idle(number) && seized.remove(number, thread);
    }

    private boolean settledOrGone(StoppedThread thread) {
        if (thread.awaitTrap(0)) {
            thread.settle();
            return true;
        }
        if (thread.ended()) {
            seized.remove(thread.tracee().number());
        }
        return thread.ended();
    }

    /** False if it has ended. */
    private boolean awaitedOrGone(StoppedThread thread, boolean awaited) {
        if (awaited) {
            return true;
        }
        if (thread.ended()) {
            seized.remove(thread.tracee().number());
        } else if (manner.stopsOtherThreads()) {
            throw new NotInjectedException(Reason.NOT_ALL_STOPPED);
        }
        return false;
    }

    /**
     * Returns whether there was none that runs the program and was not seized before. A list ends early where the thread that was
     * listed last ends meanwhile; how many there are, the kernel counts by itself.
     */
    private boolean seizeOthers(Consumer<StoppedThread> found) {
        var _ = seized.values().removeIf(StoppedThread::ended);
        boolean allKnown = true;
        int idleOnes = 0;
        for (int number : process.directory().threads()) {
            if (seized.containsKey(number)) {
                continue;
            }
            if (number == process.pid() && new Relatives(kernel).isChild(process)) {
                throw new NotInjectedException(Reason.OWN_CHILD);
            }
            StoppedThread thread = seize(number);
            if (thread == null && (number == process.pid() || worker(number)) && idle(number)) {
                idleOnes++;
                continue;
            }
            if (thread != null) {
                found.accept(thread);
            }
            allKnown = false;
        }
        return allKnown
                && ProcessStatus.parse(process.directory().text(Entry.STAT)).threads() <= seized.size() + idleOnes;
    }

    /** One that works in the kernel for {@code io_uring(7)} cannot be traced; it never runs the program. */
    private boolean worker(int number) {
        try {
            return ProcessStatus.parse(process.directory().threadText(number, Entry.STAT))
                    .worker();
        } catch (ErrnoException failure) {
            requireGone(failure);
            return false;
        }
    }

    /** Lets go of all. */
    void letGoOfAll() {
        seized.values().forEach(StoppedThread::letGo);
        seized.clear();
    }

    @Override
    public void close() {
        ALL.remove(this);
        try {
            letGoOfAll();
        } finally {
            arena.close();
        }
    }
}
