package dev.remora.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.process.NotFrozenException.Reason;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Tracee;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A process that stands still for a while. A thread of its own makes it, waits until it is told to let it run on or until the
 * time is over, and lets it; a tracer has to be one and the same thread all the time.
 */
public final class Freeze {

    /** How it is made to stand still. */
    public enum Means {
        PTRACE,
        CGROUP_V2,
        CGROUP_V1,
        SIGSTOP
    }

    /**
     * How it went on.
     *
     * @param timedOut whether the time was over first
     * @param held whether it stood still until it was let run on in time, as far as that can be seen
     * @param standstill the time from the first request to stand still until it was let run on
     */
    public record End(boolean timedOut, boolean held, Duration standstill) {}

    /** Longer than anybody waits, and short enough to be added to a point in time. */
    private static final long FOR_EVER = Long.MAX_VALUE / 2;

    private static final long MOST_SECONDS_AT_SHUTDOWN = 5;

    /** A process that is killed ends only when its tracer has looked at each of its threads. */
    private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(5);

    /** By number of the process, which is nobody else's while it is held. */
    private static final ConcurrentMap<Integer, Freeze> ACTIVE = new ConcurrentHashMap<>();

    /** At the end of this JVM they are undone at once; after its death by somebody else. */
    private static final class AtShutdown {
        static {
            try {
                Runtime.getRuntime()
                        .addShutdownHook(Thread.ofPlatform().name("remora-thaw").unstarted(Freeze::endAll));
            } catch (IllegalStateException endingAlready) {
                // What is frozen now is undone as after a death.
            }
        }

        private AtShutdown() {}

        static void prepare() {}
    }

    private final PinnedProcess process;
    private final Supplier<Standstill> means;
    private final long limit;
    private final Thread holder =
            Thread.ofPlatform().name("remora-freezer").daemon().unstarted(this::run);
    private final CompletableFuture<Boolean> begun = new CompletableFuture<>();
    private final CompletableFuture<End> ended = new CompletableFuture<>();

    /** What the holder is to do; none once it lets the process run on. */
    private final BlockingQueue<Task<?>> tasks = new LinkedBlockingQueue<>();

    @GuardedBy("this")
    private boolean over;

    /** Only the holder uses these three. */
    private boolean released;

    private long deadline;

    private @Nullable TracedThreads traced;

    private Freeze(PinnedProcess process, Supplier<Standstill> means, Duration limit) {
        this.process = process;
        this.means = means;
        this.limit = Math.min(TimeUnit.NANOSECONDS.convert(limit), FOR_EVER);
    }

    /** Something to be done by the holder; its result is empty if it was not done. */
    private record Task<T>(Supplier<T> work, CompletableFuture<Optional<T>> result) {

        void run() {
            try {
                result.complete(Optional.of(work.get()));
            } catch (RuntimeException | Error failure) {
                result.completeExceptionally(failure);
            }
        }
    }

    /**
     * Makes a process stand still, and returns when it does; it is not cut short when the caller is interrupted. Throws
     * {@link NotFrozenException} or {@link dev.remora.syscall.ErrnoException} if that cannot be; then it runs as before.
     *
     * @param process borrowed until {@link #end()} has returned
     */
    public static Freeze begin(Kernel kernel, PinnedProcess process, Means means, Duration limit) {
        return begin(process, () -> standstill(kernel, process, means), limit);
    }

    /** The same by any means, which are made by the thread that uses them. */
    static Freeze begin(PinnedProcess process, Supplier<Standstill> means, Duration limit) {
        AtShutdown.prepare();
        var freeze = new Freeze(process, means, limit);
        if (ACTIVE.putIfAbsent(process.pid(), freeze) != null) {
            throw new NotFrozenException(Reason.HELD_ALREADY);
        }
        freeze.start();
        freeze.awaitBegun();
        var _ = result(freeze.begun);
        return freeze;
    }

    private void awaitBegun() {
        boolean interrupted = false;
        while (!begun.isDone()) {
            try {
                var _ = begun.get(BETWEEN_LOOKS, TimeUnit.NANOSECONDS);
            } catch (TimeoutException notYet) {
                TracerThread.helpTracers();
            } catch (InterruptedException later) {
                interrupted = true;
            } catch (ExecutionException failed) {
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void start() {
        try {
            holder.start();
        } catch (OutOfMemoryError noThread) {
            ACTIVE.remove(process.pid(), this);
            throw noThread;
        }
    }

    private static Standstill standstill(Kernel kernel, PinnedProcess process, Means means) {
        FreezeWatcher watcher = FreezeWatcher.instance();
        return switch (means) {
            case PTRACE -> new TracedStandstill(kernel, process);
            case CGROUP_V2 -> new CgroupStandstill(kernel, process, CgroupFreezer.SECOND, watcher);
            case CGROUP_V1 -> new CgroupStandstill(kernel, process, CgroupFreezer.FIRST, watcher);
            case SIGSTOP -> new SignalStandstill(kernel, process, watcher);
        };
    }

    private void run() {
        try {
            End end = hold();
            ACTIVE.remove(process.pid(), this);
            ended.complete(end);
        } catch (RuntimeException | Error failure) {
            ACTIVE.remove(process.pid(), this);
            begun.completeExceptionally(failure);
            ended.completeExceptionally(failure);
        } finally {
            refuseTasks();
        }
    }

    private End hold() {
        try (Standstill standstill = means.get()) {
            standstill.prepare();
            long since = System.nanoTime();
            deadline = since + limit;
            standstill.begin(deadline);
            traced = standstill instanceof TracedStandstill byTracing ? byTracing.threads() : null;
            begun.complete(true);
            boolean inTime = serve();
            refuseTasks();
            boolean held = inTime && held(standstill);
            standstill.letRun();
            return new End(!inTime, held, Duration.ofNanos(System.nanoTime() - since));
        } catch (NotFrozenException inTheWay) {
            throw process.exited() ? Tracee.ended(process.pid()) : inTheWay;
        }
    }

    /** What a tracer holds does not come to stand still by itself. */
    private boolean held(Standstill standstill) {
        BooleanSupplier now = () -> process.exited() || standstill.holds();
        return traced == null ? Polling.briefly(deadline, now) : now.getAsBoolean();
    }

    /** Returns whether it was released, or killed, before the deadline. */
    private boolean serve() {
        try {
            while (!released) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                Task<?> task = tasks.poll(traced == null ? left : Math.min(left, BETWEEN_LOOKS), TimeUnit.NANOSECONDS);
                if (task != null) {
                    task.run();
                } else if (traced != null && !traced.anyLeft()) {
                    return true;
                }
            }
            return true;
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("Nobody interrupts this thread", impossible);
        }
    }

    private synchronized void refuseTasks() {
        over = true;
        tasks.forEach(task -> task.result().complete(Optional.empty()));
        tasks.clear();
    }

    /** Has the thread that holds the process do something; empty if it does not hold it any more, or its time is over. */
    <T> Optional<T> call(Supplier<T> work) {
        var task = new Task<>(work, new CompletableFuture<>());
        synchronized (this) {
            if (over) {
                return Optional.empty();
            }
            tasks.add(task);
        }
        return result(task.result());
    }

    /**
     * Has something done by the thread of this JVM that traces a process already; empty if there is none.
     *
     * @param work is not begun once the limit is over, and not cut short by that
     */
    static <T> Optional<T> byTracerOf(PinnedProcess process, Supplier<T> work) {
        Freeze freeze = ACTIVE.get(process.pid());
        if (freeze == null || !freeze.begun.isDone()) {
            return Optional.empty();
        }
        return freeze.call(() -> freeze.traces(process) ? Optional.of(work.get()) : Optional.<T>empty())
                .flatMap(Function.identity());
    }

    /** It may have had the number before, and have ended. */
    private boolean traces(PinnedProcess candidate) {
        return traced != null && !candidate.exited();
    }

    /** The threads that the calling thread holds in a process; null if it holds none. */
    static @Nullable TracedThreads heldHere(PinnedProcess process) {
        Freeze freeze = ACTIVE.get(process.pid());
        return freeze != null && Thread.currentThread().equals(freeze.holder) ? freeze.traced : null;
    }

    /** Says whether this JVM makes a process stand still, or is about to. */
    static boolean isFor(PinnedProcess process) {
        return ACTIVE.containsKey(process.pid());
    }

    /** Says whether the calling thread traces a process, whose number then is nobody else's, and has time left. */
    static boolean holdsHere(PinnedProcess process) {
        Freeze freeze = ACTIVE.get(process.pid());
        return freeze != null
                && Thread.currentThread().equals(freeze.holder)
                && freeze.traced != null
                && System.nanoTime() - freeze.deadline < 0
                && freeze.traced.anyLeft();
    }

    /** Lets it run on, if it does not yet, and tells how it went. Throws what went wrong with that. */
    public End end() {
        release();
        return result(ended);
    }

    private void release() {
        synchronized (this) {
            if (!over) {
                tasks.add(new Task<>(() -> released = true, new CompletableFuture<>()));
            }
        }
    }

    private static void endAll() {
        List<Freeze> active = List.copyOf(ACTIVE.values());
        active.forEach(Freeze::release);
        CompletableFuture<Void> all = CompletableFuture.allOf(active.stream()
                .map(freeze -> freeze.ended.exceptionally(_ -> null))
                .toArray(CompletableFuture[]::new));
        try {
            all.get(MOST_SECONDS_AT_SHUTDOWN, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException late) {
            // The end of this JVM undoes it.
        }
    }

    /** Waits for it, however often the caller is interrupted meanwhile. */
    private static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException failure) {
            switch (failure.getCause()) {
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                case null, default -> throw failure;
            }
        }
    }
}
