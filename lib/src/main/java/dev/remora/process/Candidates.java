package dev.remora.process;

import dev.remora.process.NotInjectedException.Reason;
import dev.remora.procfs.CurrentCall;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.procfs.ProcessStatus;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/** The threads of a process that could make a call, each of them once: one that sleeps if possible, which then misses nothing. */
final class Candidates {

    /** What runs or sleeps comes to a stop at once; what waits undisturbed (D) does not. */
    private static final String STOPPABLE = "SRTt";

    private static final char SLEEPING = 'S';
    private static final int MOST = 256;

    /** How well a thread suits, best first. */
    private enum Suitability {
        /** It waits in a call that the program does not notice to begin anew. */
        PERFECT,
        /** It waits in another call. */
        GOOD,
        /** It runs, or is stopped. */
        LAST,
        NONE
    }

    /** The first thread is the last choice among equals: Java takes its stop for the end of the process. */
    private record Candidate(int number, Suitability suitability, boolean first) {}

    private final Kernel kernel;
    private final PinnedProcess process;
    private final IntPredicate eligible;
    private final IntPredicate seized;
    private final Set<Integer> tried = new HashSet<>();
    private final Deque<Candidate> best = new ArrayDeque<>();
    private Reason obstacle = Reason.NO_THREAD;

    /**
     * Prepares a choice.
     *
     * @param eligible whom the caller can use
     * @param seized who is seized already
     */
    Candidates(Kernel kernel, PinnedProcess process, IntPredicate eligible, IntPredicate seized) {
        this.kernel = kernel;
        this.process = process;
        this.eligible = eligible;
        this.seized = seized;
    }

    /** Returns the best that was not tried before. Throws {@link NotInjectedException} if there is none left. */
    int next() {
        if (best.isEmpty()) {
            best.addAll(bestFirst());
        }
        Candidate next = best.poll();
        if (next == null) {
            throw new NotInjectedException(obstacle);
        }
        tried.add(next.number());
        return next.number();
    }

    /** The last one cannot be used: if there is no other, this is why. */
    void refused(Reason why) {
        obstacle = why;
    }

    /** Forgets what was tried. */
    void beginAnew() {
        tried.clear();
        best.clear();
        obstacle = Reason.NO_THREAD;
    }

    /** One that suits perfectly ends the search. */
    private List<Candidate> bestFirst() {
        List<Candidate> all = new ArrayList<>();
        boolean ownChild = new Relatives(kernel).isChild(process);
        for (int number : process.directory().threads()) {
            if (ownChild && number == process.pid()) {
                obstacle = obstacle == Reason.NO_THREAD ? Reason.OWN_CHILD : obstacle;
                continue;
            }
            if (tried.size() + all.size() == MOST) {
                break;
            }
            Suitability suitability =
                    eligible.test(number) && !tried.contains(number) ? suitability(number) : Suitability.NONE;
            boolean first = number == process.pid();
            if (suitability != Suitability.NONE) {
                all.add(new Candidate(number, suitability, first));
            }
            if (suitability == Suitability.PERFECT && !first) {
                break;
            }
        }
        all.sort(Comparator.comparing(Candidate::suitability).thenComparing(Candidate::first));
        return all;
    }

    private Suitability suitability(int number) {
        if (seized.test(number)) {
            return Suitability.GOOD;
        }
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
}
