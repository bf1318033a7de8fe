package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.syscall.ThreadTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A run of advice that keeps to what the caller wants: batches, pace, progress, and an end before its time. */
final class AdviceControl extends RunControl implements AdviceProgress {

    /** A paced run asks for what is due in this time, so that it comes in small steps, and makes up for no more delay. */
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NOTICE = TimeUnit.MILLISECONDS.toNanos(10);

    private final AdviceManner manner;
    private final long batchBytes;
    private final long requestedBytes;
    private final long start = System.nanoTime();
    private final AtomicLong due = new AtomicLong(start);
    private final @Nullable ThreadTime threadTime;
    private final AtomicLong cpuTime = new AtomicLong();
    private final AtomicLong advised = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final Object telling = new Object();
    private long told;

    /**
     * Looks at the time that calls take of a CPU only if that is asked for: it is a system call.
     *
     * @param leastBatch what is not asked for in parts: a page, or a huge page
     */
    AdviceControl(@Nullable ThreadTime threadTime, AdviceManner manner, long requestedBytes, long leastBatch) {
        this.manner = manner;
        this.threadTime = threadTime;
        this.requestedBytes = requestedBytes;
        long step = manner.paced() ? manner.bytesPerSecond() / (SECOND / STEP) / manner.threads() : Long.MAX_VALUE;
        batchBytes = Math.max(leastBatch, Math.min(manner.batchBytes(), step) & -leastBatch);
    }

    @Override
    long batchBytes() {
        return batchBytes;
    }

    @Override
    void callBegins() {
        if (threadTime != null) {
            cpuTime.addAndGet(-threadTime.nanoseconds());
        }
    }

    @Override
    void callEnds() {
        if (threadTime != null) {
            cpuTime.addAndGet(threadTime.nanoseconds());
        }
    }

    Duration cpuTime() {
        return Duration.ofNanos(cpuTime.get());
    }

    @Override
    boolean goesOn() {
        long wait = 0;
        do {
            LockSupport.parkNanos(Math.min(wait, NOTICE));
            if (Thread.currentThread().isInterrupted()) {
                end(End.INTERRUPTED);
            }
            wait = end() == null && manner.paced() ? untilDue() : 0;
        } while (wait > 0);
        return end() == null;
    }

    private long untilDue() {
        return due.get() - System.nanoTime();
    }

    @Override
    void book(long bytes, Tally tally, boolean byKernel) {
        if (byKernel) {
            spend(bytes);
        }
        if (tally == Tally.DONE) {
            advised.addAndGet(bytes);
        } else if (tally == Tally.SKIPPED) {
            skipped.addAndGet(bytes);
        }
    }

    /** What the kernel was asked for delays what it is asked for next. */
    void spend(long bytes) {
        if (manner.paced()) {
            long cost = (long) ((double) bytes / manner.bytesPerSecond() * SECOND);
            due.updateAndGet(before -> Math.max(before, System.nanoTime() - STEP) + cost);
        }
    }

    /** One listener is told by one thread at a time. */
    @Override
    void reached() {
        Consumer<? super AdviceProgress> listener = manner.listener();
        if (listener != null) {
            synchronized (telling) {
                told = advisedBytes() + skippedBytes();
                listener.accept(this);
            }
        }
    }

    /** What was left out behind the last call is told as well. */
    void finished() {
        synchronized (telling) {
            if (told < advisedBytes() + skippedBytes()) {
                reached();
            }
        }
    }

    @Override
    public long requestedBytes() {
        return requestedBytes;
    }

    @Override
    public long advisedBytes() {
        return advised.get();
    }

    @Override
    public long skippedBytes() {
        return skipped.get();
    }

    @Override
    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Override
    public void cancel() {
        end(End.CANCELLED);
    }
}
