package dev.remora;

import dev.remora.procfs.RangeList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One verb on the ranges of one process by several threads, the calling one among them. Each takes the next share of the
 * ranges when it is done with one; the account is that of one thread.
 *
 * @param <P> what tells what became of a range
 */
final class ParallelRun<P> {

    private static final int SHARES_OF_EACH = 8;

    private final Supplier<RangeVerb<P>> verbs;
    private final long pageSize;
    private final RunControl control;
    private final int threads;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    ParallelRun(Supplier<RangeVerb<P>> verbs, long pageSize, RunControl control, int threads) {
        this.verbs = verbs;
        this.pageSize = pageSize;
        this.control = control;
        this.threads = threads;
    }

    RangeLedger<P> over(RangeList ranges) {
        long even = Long.highestOneBit(ranges.totalBytes() / threads / SHARES_OF_EACH);
        List<RangeList> shares = ranges.shares(Math.max(CollapsePlan.hugePage(pageSize), even));
        var ledgers = new AtomicReferenceArray<RangeLedger<P>>(shares.size());
        List<Thread> others = new ArrayList<>(threads);
        try {
            startOthers(Math.min(threads, shares.size()) - 1, others, () -> work(shares, ledgers));
            work(shares, ledgers);
        } finally {
            others.forEach(this::join);
        }
        throwFailure();
        var whole = new RangeLedger<P>();
        whole.expect(ranges);
        for (int i = 0; i < ledgers.length(); i++) {
            whole.append(ledgers.get(i), shares.get(i).continues(0));
        }
        return whole;
    }

    /** Those that can be started: with fewer it takes longer. */
    private static void startOthers(int number, List<Thread> started, Runnable work) {
        try {
            for (int i = 1; i <= number; i++) {
                Thread other =
                        Thread.ofPlatform().name("remora-worker-" + i).daemon().unstarted(work);
                started.add(other);
                other.start();
            }
        } catch (OutOfMemoryError noMoreThreads) {
            started.removeIf(thread -> thread.getState() == Thread.State.NEW);
        }
    }

    private void work(List<RangeList> shares, AtomicReferenceArray<RangeLedger<P>> ledgers) {
        try {
            RangeVerb<P> verb = verbs.get();
            for (int i = next.getAndIncrement(); i < shares.size(); i = next.getAndIncrement()) {
                ledgers.set(i, new RangeRun<>(verb, pageSize, control).over(shares.get(i)));
            }
        } catch (Throwable thrown) {
            failure.compareAndSet(null, thrown);
            control.end(RunControl.End.CANCELLED);
        }
    }

    private void join(Thread other) {
        boolean interrupted = false;
        while (other.isAlive()) {
            try {
                other.join();
            } catch (InterruptedException interruption) {
                interrupted = true;
                control.end(RunControl.End.INTERRUPTED);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void throwFailure() {
        switch (failure.get()) {
            case null -> {}
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            case Throwable impossible -> throw new AssertionError(impossible);
        }
    }
}
