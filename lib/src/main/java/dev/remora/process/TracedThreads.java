package dev.remora.process;

import dev.remora.process.NotInjectedException.Reason;
import dev.remora.procfs.CurrentCall;
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
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The threads of a process that are traced, and those that could be. */
final class TracedThreads implements AutoCloseable {

    /** What runs or sleeps comes to a stop at once; what waits undisturbed (D) does not. */
    private static final String STOPPABLE = "SRTt";

    private static final char SLEEPING = 'S';
    private static final int MOST_CANDIDATES = 256;

    /** How well a thread suits, best first: one that sleeps misses nothing while it stands still. */
    private enum Suitability {
        /** It waits in a call that the program does not notice to begin anew. */
        PERFECT,
        /** It waits in another call. */
        GOOD,
        /** It runs, or is stopped. */
        LAST,
        NONE
    }

    private record Candidate(int number, Suitability suitability) {}

    private final Kernel kernel;
    private final PinnedProcess process;
    private final Injection.Manner manner;
    private final IntPredicate eligible;
    private final Arena arena = Arena.ofConfined();
    private final Set<Integer> seized = new HashSet<>();
    private final List<StoppedThread> others = new ArrayList<>();

    private @Nullable Iterator<Candidate> candidates;
    private Reason obstacle = Reason.NO_THREAD;

    TracedThreads(Kernel kernel, PinnedProcess process, Injection.Manner manner, IntPredicate eligible) {
        this.kernel = kernel;
        this.process = process;
        this.manner = manner;
        this.eligible = eligible;
    }

    /**
     * Seizes a thread that was not taken before; one that sleeps if possible, which then misses nothing. It runs on, unless
     * all threads stand still already. Throws {@link NotInjectedException} if there is none left.
     */
    StoppedThread seizeNext() {
        if (!others.isEmpty()) {
            return others.getFirst();
        }
        Iterator<Candidate> left = candidates;
        if (left == null) {
            left = candidates().iterator();
            candidates = left;
        }
        while (left.hasNext()) {
            StoppedThread thread = seizeIfPossible(left.next().number());
            if (thread != null) {
                return thread;
            }
        }
        throw new NotInjectedException(obstacle);
    }

    /** Stops what was seized, and all other threads if that is asked for. Returns false if it has ended or does not stop. */
    boolean stop(StoppedThread thread) {
        if (others.remove(thread)) {
            return true;
        }
        if (!thread.stop()) {
            return false;
        }
        if (manner.stopsOtherThreads()) {
            stopOthers();
        }
        return true;
    }

    /** Those that suit best first; one that suits perfectly ends the search. */
    private List<Candidate> candidates() {
        List<Candidate> all = new ArrayList<>();
        boolean ownChild = isOwnChild();
        for (int number : process.directory().threads()) {
            if (ownChild && number == process.pid()) {
                obstacle = Reason.OWN_CHILD;
                continue;
            }
            Suitability suitability = eligible.test(number) ? suitability(number) : Suitability.NONE;
            if (suitability != Suitability.NONE) {
                all.add(new Candidate(number, suitability));
            }
            if (suitability == Suitability.PERFECT || all.size() == MOST_CANDIDATES) {
                break;
            }
        }
        all.sort(Comparator.comparing(Candidate::suitability));
        return all;
    }

    private Suitability suitability(int number) {
        try (ProcDirectory thread = process.directory().thread(number)) {
            var status = ProcessStatus.parse(thread.text(Entry.STAT));
            if (status.worker() || STOPPABLE.indexOf(status.state()) < 0) {
                return Suitability.NONE;
            }
            if (status.state() != SLEEPING) {
                return Suitability.LAST;
            }
            return CurrentCall.beginsAnewUnnoticed(thread) ? Suitability.PERFECT : Suitability.GOOD;
        } catch (ErrnoException ended) {
            return Suitability.NONE;
        }
    }

    /**
     * Java waits for its own children, and takes the stop of one's first thread for its end. It does not see the stops of
     * others.
     */
    private boolean isOwnChild() {
        var status = ProcessStatus.parse(process.directory().text(Entry.STAT));
        return status.parentPid() == new OwnProcess(kernel).pid();
    }

    /** Null if there is no such thread any more, or it may not be stopped. */
    private @Nullable StoppedThread seizeIfPossible(int number) {
        try (ProcDirectory directory = process.directory().thread(number)) {
            if (!mayBeStopped(ThreadStatus.of(directory))) {
                return null;
            }
        } catch (ErrnoException ended) {
            return null;
        }
        return seize(number);
    }

    private boolean mayBeStopped(ThreadStatus status) {
        if (status.tracerPid() != 0) {
            throw new NotInjectedException(Reason.TRACED, status.tracerPid());
        }
        if (status.confined() && !manner.suspendsSeccomp()) {
            obstacle = Reason.CONFINED;
            return false;
        }
        if (status.trapPending()) {
            obstacle = Reason.TRAP_PENDING;
            return false;
        }
        return true;
    }

    /**
     * The number may have passed to a thread of somebody else by now. What is traced keeps its number; so if the process
     * has a thread of that number afterwards, it is the one that was seized. Anybody else is let go of at once.
     */
    private @Nullable StoppedThread seize(int number) {
        StoppedThread thread;
        try {
            thread = new StoppedThread(Tracee.seize(kernel, number, manner.suspendsSeccomp(), arena), arena);
        } catch (ErrnoException failure) {
            if (Tracee.ended(failure)) {
                return null;
            }
            throw failure;
        }
        try (ProcDirectory _ = process.directory().thread(number)) {
            seized.add(number);
            return thread;
        } catch (ErrnoException stranger) {
            if (thread.stop()) {
                thread.release();
            }
            return null;
        }
    }

    /** Goes on until all are known: those that still run may start others. */
    private void stopOthers() {
        List<StoppedThread> found;
        do {
            found = seizeOthers();
            found.forEach(StoppedThread::interrupt);
            for (StoppedThread thread : found) {
                if (thread.awaitTrap()) {
                    others.add(thread);
                } else if (thread.alive()) {
                    throw new NotInjectedException(Reason.NOT_ALL_STOPPED);
                }
            }
        } while (!found.isEmpty());
    }

    private List<StoppedThread> seizeOthers() {
        List<StoppedThread> found = new ArrayList<>();
        for (int number : process.directory().threads()) {
            if (!seized.contains(number)) {
                if (number == process.pid() && isOwnChild()) {
                    throw new NotInjectedException(Reason.OWN_CHILD);
                }
                StoppedThread thread = seizeIfPossible(number);
                if (thread != null) {
                    found.add(thread);
                }
            }
        }
        return found;
    }

    /** Lets go of those that were stopped beside the one that makes the calls. */
    @Override
    public void close() {
        others.forEach(StoppedThread::release);
        arena.close();
    }
}
