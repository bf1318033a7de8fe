package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.ThreadTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A run of advice that keeps to what the caller wants: batches, pace, progress, and an end before its time. */
final class AdviceControl extends RunControl implements AdviceProgress {

    /** A paced run asks for what is due in this part of a second, so that it comes in small steps. */
    private static final long STEPS_PER_SECOND = 20;

    private static final long NOTICE = TimeUnit.MILLISECONDS.toNanos(10);

    private final AdviceManner manner;
    private final long batchBytes;
    private final long requestedBytes;
    private final long start = System.nanoTime();
    private final ThreadTime threadTime;
    private final AtomicLong cpuTime = new AtomicLong();
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong advised = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();

    AdviceControl(Kernel kernel, AdviceManner manner, long requestedBytes, long pageSize) {
        this.manner = manner;
        threadTime = new ThreadTime(kernel);
        this.requestedBytes = requestedBytes;
        long step = manner.paced() ? manner.bytesPerSecond() / STEPS_PER_SECOND : Long.MAX_VALUE;
        batchBytes = Math.max(pageSize, Math.min(manner.batchBytes(), step) & -pageSize);
    }

    @Override
    long batchBytes() {
        return batchBytes;
    }

    @Override
    void workBegins() {
        cpuTime.addAndGet(-threadTime.nanoseconds());
    }

    @Override
    void workEnds() {
        cpuTime.addAndGet(threadTime.nanoseconds());
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
        double due = (double) asked.get() / manner.bytesPerSecond() * TimeUnit.SECONDS.toNanos(1);
        return (long) due - (System.nanoTime() - start);
    }

    @Override
    void book(long bytes, Tally tally, boolean byKernel) {
        if (byKernel) {
            asked.addAndGet(bytes);
        }
        if (tally == Tally.DONE) {
            advised.addAndGet(bytes);
        } else if (tally == Tally.SKIPPED) {
            skipped.addAndGet(bytes);
        }
    }

    /** One listener is told by one thread at a time. */
    @Override
    void reached() {
        Consumer<? super AdviceProgress> listener = manner.listener();
        if (listener != null) {
            synchronized (this) {
                listener.accept(this);
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
