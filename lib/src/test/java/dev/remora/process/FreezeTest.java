package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.bindings.Linux;
import dev.remora.process.NotFrozenException.Reason;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a freeze begins and ends, whatever the means are; the process is this one, and nothing is done to it. */
final class FreezeTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    private final Kernel kernel = LinuxKernel.instance();
    private final PinnedProcess process =
            PinnedProcess.open(kernel, (int) ProcessHandle.current().pid());
    private final Scripted means = new Scripted();

    @AfterEach
    void close() {
        process.close();
    }

    /** Notes what is done, and on which threads. */
    private static final class Scripted implements Standstill {

        private final List<String> steps = Collections.synchronizedList(new ArrayList<>());
        private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        private boolean held = true;

        /** What comes before that is told. */
        private final Deque<Supplier<Boolean>> before = new ArrayDeque<>();

        private volatile long closing;
        private volatile int closingMilliseconds;

        /** The step at which something is thrown, and what. */
        private String failing = "";

        private RuntimeException failure = new IllegalStateException();

        private void step(String name) {
            steps.add(name);
            threads.add(Thread.currentThread());
            if (name.equals(failing)) {
                throw failure;
            }
        }

        Scripted failingAt(String step, RuntimeException thrown) {
            failing = step;
            failure = thrown;
            return this;
        }

        @Override
        public void prepare() {
            step("prepare");
        }

        @Override
        public void begin(long deadline) {
            step("begin");
        }

        @Override
        public boolean holds() {
            step("holds");
            return before.isEmpty() ? held : before.poll().get();
        }

        @Override
        public void letRun() {
            step("letRun");
        }

        @Override
        public void close() {
            closing = System.nanoTime();
            boolean _ = Polling.until(closing + TimeUnit.MILLISECONDS.toNanos(closingMilliseconds), () -> false);
            step("close");
        }
    }

    private Freeze begin(Duration limit) {
        return Freeze.begin(process, () -> means, limit);
    }

    @Test
    void allIsDoneByOneThread() {
        Freeze freeze = begin(LONG);
        assertThat(means.steps).containsExactly("prepare", "begin");
        Freeze.End end = freeze.end();
        assertThat(means.steps).containsExactly("prepare", "begin", "holds", "letRun", "close");
        assertThat(means.threads).doesNotContain(Thread.currentThread()).containsOnly(means.threads.getFirst());
        assertThat(end.timedOut()).isFalse();
        assertThat(end.held()).isTrue();
        assertThat(end.standstill()).isPositive();
        assertThat(freeze.end()).as("the second time").isEqualTo(end);
    }

    @Test
    void whatIsInTheWayIsThrownAfterAllWasUndone() {
        for (String step : List.of("prepare", "begin")) {
            means.steps.clear();
            means.failingAt(step, new NotFrozenException(Reason.TRACED, 7));
            assertThatExceptionOfType(NotFrozenException.class)
                    .isThrownBy(() -> begin(LONG))
                    .satisfies(thrown -> assertThat(thrown.reason()).isEqualTo(Reason.TRACED))
                    .satisfies(thrown -> assertThat(thrown.pid()).isEqualTo(7));
            assertThat(means.steps).endsWith(step, "close");
        }
        means.failing = "";
        assertThat(begin(LONG).end().held()).as("nothing is left of it").isTrue();
    }

    @Test
    void whatFailsAtTheEndIsThrown() {
        means.failingAt("close", new IllegalStateException("not undone"));
        Freeze freeze = begin(LONG);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(freeze::end)
                .withMessage("not undone");
        means.failing = "";
        var _ = begin(LONG).end();
    }

    @Test
    void whenTheTimeIsOverItIsUndoneByItself() {
        Freeze freeze = begin(Duration.ofMillis(20));
        Polling.until(System.nanoTime() + LONG.toNanos(), () -> means.steps.contains("close"));
        assertThat(freeze.end().timedOut()).isTrue();
        assertThat(freeze.end().standstill()).isGreaterThanOrEqualTo(Duration.ofMillis(20));
        assertThat(means.steps)
                .as("it does not stand still any longer for a question")
                .doesNotContain("holds");
    }

    /** Only what was begun in time is done to the end. */
    @Test
    void whatComesWhenTheTimeIsOverIsNotDone() throws InterruptedException {
        Duration limit = Duration.ofSeconds(3);
        Freeze freeze = begin(limit);
        long deadline = System.nanoTime() + limit.toNanos();
        var begun = new CountDownLatch(1);
        var queued = new CountDownLatch(1);
        CompletableFuture<Optional<String>> first = CompletableFuture.supplyAsync(() -> freeze.call(() -> {
            begun.countDown();
            awaitUninterrupted(queued);
            boolean _ = Polling.until(deadline, () -> false);
            return "done";
        }));
        assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();
        Thread caller = Thread.ofPlatform()
                .start(() ->
                        assertThat(freeze.call(() -> means.steps.add("late"))).isEmpty());
        Thread ender = Thread.ofPlatform().start(freeze::end);
        boolean _ = Polling.until(System.nanoTime() + LONG.toNanos(), () -> waits(caller) && waits(ender));
        queued.countDown();
        assertThat(freeze.end().timedOut()).isTrue();
        assertThat(first.join()).contains("done");
        assertThat(means.steps).doesNotContain("late");
        caller.join();
        ender.join();
    }

    private static boolean waits(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void whoWasLetRunBySomebodyElseIsNotHeld() {
        means.held = false;
        assertThat(begin(LONG).end().held()).isFalse();
    }

    /** It would stand still for the question, if only some of its threads ran. */
    @Test
    void whetherItIsHeldIsNotAskedForLongerThanTheLimit() {
        means.held = false;
        Duration longest = Duration.ofMillis(800);
        assertThat(IntStream.range(0, 10).anyMatch(_ -> {
                    Duration standstill = begin(Duration.ofMillis(300)).end().standstill();
                    return standstill.compareTo(longest) < 0;
                }))
                .as("once in ten times, for this machine may be busy")
                .isTrue();
    }

    @Test
    void whatIsDoneAfterItRunsOnIsNoStandstill() {
        means.closingMilliseconds = 100;
        long start = System.nanoTime();
        Duration standstill = begin(LONG).end().standstill();
        assertThat(standstill).isLessThanOrEqualTo(Duration.ofNanos(means.closing - start));
    }

    /** Right after a write through its tracer, it is just about to stand again. */
    @Test
    void whoStandsAgainDirectlyAfterwardsWasHeld() {
        means.before.add(() -> false);
        means.before.add(() -> false);
        assertThat(begin(LONG).end().held()).isTrue();
        assertThat(means.steps).containsExactly("prepare", "begin", "holds", "holds", "holds", "letRun", "close");
    }

    @Test
    void whatIsUnknownIsAskedAgainAndIsNoReasonToLoseWhatWasDone() {
        means.before.add(() -> {
            throw new ErrnoException("openat", "/proc/1/task", Linux.ESRCH());
        });
        assertThat(begin(LONG).end().held()).isTrue();
        means.failingAt("holds", new ErrnoException("openat", "/proc/1/task", Linux.EMFILE()));
        assertThat(begin(LONG).end().held()).isFalse();
    }

    @Test
    void aSecondOneIsRefusedUntilTheFirstHasEnded() {
        Freeze first = begin(LONG);
        assertThatExceptionOfType(NotFrozenException.class)
                .isThrownBy(() -> begin(LONG))
                .satisfies(thrown -> assertThat(thrown.reason()).isEqualTo(Reason.HELD_ALREADY));
        assertThat(means.steps).containsExactly("prepare", "begin");
        var _ = first.end();
        var _ = begin(LONG).end();
    }

    @Test
    void anInterruptCutsNothingShort() {
        Thread.currentThread().interrupt();
        Freeze freeze = begin(LONG);
        assertThat(freeze.end().timedOut()).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aLimitMayBeAsLongAsAnybodyLikes() {
        assertThat(begin(Duration.ofSeconds(Long.MAX_VALUE)).end().timedOut()).isFalse();
    }

    /** Only a tracer makes calls for others. */
    @Test
    void whoHoldsByOtherMeansMakesNoCalls() {
        assertThat(Freeze.byTracerOf(process, () -> "done")).isEmpty();
        Freeze freeze = begin(LONG);
        assertThat(Freeze.byTracerOf(process, () -> "done")).isEqualTo(Optional.empty());
        assertThat(Freeze.heldHere(process)).isNull();
        var _ = freeze.end();
    }
}
