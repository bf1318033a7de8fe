package dev.remora;

import dev.remora.addressspace.ByteSize;
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

    private static final long LEAST_SHARE = 2 * ByteSize.MiB;
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
        List<RangeList> shares = ranges.shares(Math.max(LEAST_SHARE, even));
        var ledgers = new AtomicReferenceArray<RangeLedger<P>>(shares.size());
        List<Thread> others = startOthers(() -> work(shares, ledgers));
        work(shares, ledgers);
        others.forEach(this::join);
        throwFailure();
        var whole = new RangeLedger<P>();
        whole.expect(ranges);
        for (int i = 0; i < ledgers.length(); i++) {
            whole.append(ledgers.get(i), shares.get(i).continues(0));
        }
        return whole;
    }

    /** Those that can be started: with fewer it takes longer. */
    private List<Thread> startOthers(Runnable work) {
        List<Thread> others = new ArrayList<>();
        try {
            for (int i = 1; i < threads; i++) {
                others.add(
                        Thread.ofPlatform().name("remora-worker-" + i).daemon().start(work));
            }
        } catch (OutOfMemoryError noMoreThreads) {
            return others;
        }
        return others;
    }

    private void work(List<RangeList> shares, AtomicReferenceArray<RangeLedger<P>> ledgers) {
        control.workBegins();
        try {
            RangeVerb<P> verb = verbs.get();
            for (int i = next.getAndIncrement(); i < shares.size(); i = next.getAndIncrement()) {
                ledgers.set(i, new RangeRun<>(verb, pageSize, control).over(shares.get(i)));
            }
        } catch (RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
            control.end(RunControl.End.CANCELLED);
        } finally {
            control.workEnds();
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
