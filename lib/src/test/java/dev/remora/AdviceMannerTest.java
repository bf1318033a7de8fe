package dev.remora;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How advice is given, without a real process. */
final class AdviceMannerTest {

    private static final long PAGE = SimulatedKernel.PAGE;
    private static final long BASE = 0x10_0000_0000L;
    private static final MemoryRange WHOLE = MemoryRange.of(BASE, 64 * MiB);

    private final SimulatedKernel simulated = new SimulatedKernel().map(BASE, 64 * MiB, SimulatedKernel.Kind.PLAIN);
    private final Set<Thread> callers = ConcurrentHashMap.newKeySet();
    private volatile boolean denied;

    /** One call at a time: the simulated kernel is no more than that. */
    private final Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
        synchronized (simulated) {
            if (number == Syscall.PROCESS_MADVISE.number()) {
                callers.add(Thread.currentThread());
                if (denied) {
                    return -Linux.EPERM();
                }
            }
            return simulated.call(number, a0, a1, a2, a3, a4, a5);
        }
    };

    private final RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel);

    @AfterEach
    void close() {
        memory.close();
        var _ = Thread.interrupted();
    }

    private List<Long> sizesOfEffects() {
        return simulated.effects().stream()
                .map(SimulatedKernel.Effect::byteSize)
                .toList();
    }

    @Test
    void batchesAreNoLargerThanAskedFor() {
        assertThat(memory.ranges(WHOLE).batchesOf(20 * MiB).markCold().complete())
                .isTrue();
        assertThat(sizesOfEffects()).containsExactly(20 * MiB, 20 * MiB, 20 * MiB, 4 * MiB);
    }

    @Test
    void batchesEndBetweenHugePages() {
        MemoryRange odd = MemoryRange.of(BASE + 5 * PAGE, 6 * MiB);
        assertThat(memory.ranges(odd).batchesOf(3 * MiB).markCold().complete()).isTrue();
        assertThat(simulated.effects())
                .extracting(SimulatedKernel.Effect::address)
                .containsExactly(odd.address(), BASE + 2 * MiB, BASE + 4 * MiB);
    }

    @ParameterizedTest
    @ValueSource(longs = {4096, 5000, 8191})
    void batchesAreWholePages(long bytes) {
        assertThat(memory.ranges(MemoryRange.of(BASE, 3 * PAGE))
                        .batchesOf(bytes)
                        .markCold()
                        .complete())
                .isTrue();
        assertThat(sizesOfEffects()).containsExactly(PAGE, PAGE, PAGE);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        RangeSelection selection = memory.ranges(WHOLE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> selection.batchesOf(4095))
                .withMessageContaining("4096");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> selection.pacedAt(0))
                .withMessageContaining("1 byte a second");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> selection.inParallel(0))
                .withMessageContaining("1 to 1024");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> selection.inParallel(1025))
                .withMessageContaining("1 to 1024");
    }

    @Test
    void theMannerIsPrinted() {
        assertThat(memory.ranges(WHOLE).inParallel(2).pacedAt(MiB).batchesOf(8 * MiB))
                .hasToString("1 range, 64 MiB of process 4711, by 2 threads, at 1 MiB a second, in batches of 8 MiB");
        assertThat(memory.ranges(WHOLE).measured().swapGuard(SwapGuard.OFF).collapseLimits(new CollapseLimits(50, MiB)))
                .hasToString("1 range, 64 MiB of process 4711, measured, swap guard OFF, huge pages of which 50 percent"
                        + " are in RAM, growing by 1 MiB at most");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void severalThreadsMakeTheSameOutcomeAsOne(int threads) {
        simulated
                .map(BASE + 64 * MiB, 4 * MiB, SimulatedKernel.Kind.LOCKED)
                .map(BASE + 70 * MiB, 30 * MiB, SimulatedKernel.Kind.PLAIN);
        MemoryRange[] ranges = {
            MemoryRange.of(BASE + PAGE, 100 * MiB),
            MemoryRange.of(BASE + 80 * MiB, 3 * MiB),
            MemoryRange.of(BASE + 83 * MiB, 5 * PAGE)
        };
        AdviceOutcome alone = memory.ranges(ranges).markCold();
        callers.clear();
        AdviceOutcome together = memory.ranges(ranges).inParallel(threads).markCold();
        assertThat(together.parts()).containsExactlyElementsOf(alone.parts());
        assertThat(together).hasToString(alone.toString()).hasSameClassAs(alone);
        assertThat(callers).hasSizeBetween(1, threads);
    }

    @Test
    void mappingsAreSharedOutAsWell() {
        AdviceOutcome alone = memory.mappings().markCold();
        assertThat(memory.mappings().inParallel(4).markCold().parts()).containsExactlyElementsOf(alone.parts());
    }

    @Test
    void aRightThatIsMissingIsAskedForOnce() {
        denied = true;
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> memory.ranges(WHOLE).inParallel(4).markCold());
        assertThat(callers).hasSize(1);
        assertThat(simulated.effects()).isEmpty();
    }

    @Test
    void aProcessThatHasEndedIsGoneForAllThreads() {
        simulated.exited = true;
        AdviceOutcome outcome = memory.ranges(WHOLE).inParallel(4).markCold();
        assertThat(outcome).isInstanceOf(AdviceOutcome.ProcessGone.class);
        assertThat(outcome.notReachedBytes()).isEqualTo(64 * MiB);
        assertThat(outcome.parts()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void thePaceIsKept(int threads) {
        assertThat(Await.inTimeOnce(() -> {
                    long start = System.nanoTime();
                    assertThat(memory.ranges(WHOLE)
                                    .inParallel(threads)
                                    .pacedAt(64 * MiB)
                                    .markCold()
                                    .complete())
                            .isTrue();
                    long milliseconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                    assertThat(milliseconds).isGreaterThanOrEqualTo(900);
                    return milliseconds <= 1100;
                }))
                .isTrue();
    }

    @Test
    void holesTakeNoTime() {
        MemoryRange hole = MemoryRange.of(BASE + GiB, 100 * GiB);
        long start = System.nanoTime();
        AdviceOutcome outcome =
                memory.ranges(hole).batchesOf(100 * GiB).pacedAt(10 * GiB).markCold();
        assertThat(outcome.skippedBytes()).isEqualTo(100 * GiB);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    }

    @Test
    void progressIsToldAfterEachBatch() {
        List<String> told = new ArrayList<>();
        simulated.map(BASE + 64 * MiB, 2 * PAGE, SimulatedKernel.Kind.LOCKED);
        AdviceOutcome outcome = memory.ranges(WHOLE, MemoryRange.of(BASE + 64 * MiB, 2 * PAGE))
                .batchesOf(32 * MiB)
                .onProgress(progress -> told.add(
                        progress.advisedBytes() + "+" + progress.skippedBytes() + "/" + progress.requestedBytes()))
                .markCold();
        long all = 64 * MiB + 2 * PAGE;
        assertThat(outcome.skippedBytes()).isEqualTo(2 * PAGE);
        assertThat(told)
                .startsWith(32 * MiB + "+0/" + all, 64 * MiB + "+0/" + all)
                .endsWith(64 * MiB + "+" + 2 * PAGE + "/" + all);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void cancellationKeepsWhatWasDone(int batches) {
        AdviceOutcome outcome = memory.ranges(WHOLE)
                .batchesOf(16L * MiB)
                .onProgress(progress -> {
                    if (progress.advisedBytes() >= batches * 16L * MiB) {
                        progress.cancel();
                    }
                })
                .markCold();
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        AdviceOutcome.Stopped.class,
                        stopped -> assertThat(stopped.cause()).isEqualTo(AdviceOutcome.Stopped.Cause.CANCELLED));
        assertThat(outcome.parts())
                .containsExactly(
                        new RangeOutcome.Advised(MemoryRange.of(BASE, batches * 16L * MiB)),
                        new RangeOutcome.NotReached(
                                MemoryRange.of(BASE + batches * 16L * MiB, (4 - batches) * 16L * MiB)));
        assertThat(outcome).asString().startsWith("COLD of 64 MiB: cancelled; before that " + batches * 16 + " MiB");
    }

    @Test
    void whatIsCancelledInItsLastBatchIsComplete() {
        AdviceOutcome outcome =
                memory.ranges(WHOLE).onProgress(AdviceProgress::cancel).markCold();
        assertThat(outcome).isInstanceOf(AdviceOutcome.Complete.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void interruptionIsHonouredBeforeEachBatch(int batches) {
        if (batches == 0) {
            Thread.currentThread().interrupt();
        }
        simulated.beforeAdvice = () -> {
            if (simulated.effects().size() == batches - 1) {
                Thread.currentThread().interrupt();
            }
        };
        AdviceOutcome outcome = memory.ranges(WHOLE).batchesOf(16L * MiB).markCold();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        AdviceOutcome.Stopped.class,
                        stopped -> assertThat(stopped.cause()).isEqualTo(AdviceOutcome.Stopped.Cause.INTERRUPTED));
        assertThat(outcome.advisedBytes()).isEqualTo(batches * 16L * MiB);
        assertThat(outcome.requestedBytes()).isEqualTo(64 * MiB);
    }

    /** Whatever is done when it ends, the outcome says so, and no batch is asked for afterwards by more than the others. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 8, 13, 31, 32})
    void cancellationAfterAnyBatchWithSeveralThreads(int batches) {
        AtomicInteger told = new AtomicInteger();
        AdviceOutcome outcome = memory.ranges(WHOLE)
                .inParallel(3)
                .batchesOf(2 * MiB)
                .onProgress(progress -> {
                    if (told.incrementAndGet() == batches) {
                        progress.cancel();
                    }
                })
                .markCold();
        long done = sizesOfEffects().stream().mapToLong(Long::longValue).sum();
        assertThat(outcome.advisedBytes()).isEqualTo(done);
        assertThat(outcome.requestedBytes()).isEqualTo(64 * MiB);
        assertThat(outcome.parts().stream()
                        .mapToLong(part -> part.range().byteSize())
                        .sum())
                .isEqualTo(64 * MiB);
        if (batches == 0 || done == 64 * MiB) {
            assertThat(outcome).isInstanceOf(AdviceOutcome.Complete.class);
        } else {
            assertThat(outcome).isInstanceOf(AdviceOutcome.Stopped.class);
            assertThat(done).isBetween(batches * 2L * MiB, (batches + 2) * 2L * MiB);
        }
        assertThat(outcome.parts())
                .allSatisfy(part -> assertThat(simulated.effects().stream()
                                .anyMatch(effect -> part.range().contains(effect.address())))
                        .isEqualTo(part instanceof RangeOutcome.Advised));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 7, 31})
    void interruptionAtAnyBatchWithSeveralThreads(int batches) {
        Thread caller = Thread.currentThread();
        simulated.beforeAdvice = () -> {
            if (simulated.effects().size() == batches) {
                caller.interrupt();
            }
        };
        AdviceOutcome outcome =
                memory.ranges(WHOLE).inParallel(3).batchesOf(2 * MiB).markCold();
        assertThat(Thread.interrupted()).as("the status stays").isTrue();
        long done = sizesOfEffects().stream().mapToLong(Long::longValue).sum();
        assertThat(outcome.advisedBytes()).isEqualTo(done).isGreaterThanOrEqualTo(batches * 2L * MiB);
        assertThat(outcome.requestedBytes()).isEqualTo(64 * MiB);
        assertThat(outcome)
                .isInstanceOfAny(AdviceOutcome.Stopped.class, AdviceOutcome.Complete.class)
                .satisfies(ended ->
                        assertThat(ended.notReachedBytes() == 0).isEqualTo(ended instanceof AdviceOutcome.Complete));
    }

    /** The caller has nothing left to do, and waits for the other one. */
    @Test
    void interruptionWhileAnotherThreadWorksKeepsWhatItDoes() throws InterruptedException {
        Thread caller = Thread.currentThread();
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        Kernel slow = (number, a0, a1, a2, a3, a4, a5) -> {
            if (number == Syscall.PROCESS_MADVISE.number() && a2 > 0) {
                if (Thread.currentThread().equals(caller)) {
                    spinUntil(() -> entered.getCount() == 0);
                } else {
                    entered.countDown();
                    spinUntil(() -> release.getCount() == 0);
                }
            }
            return kernel.call(number, a0, a1, a2, a3, a4, a5);
        };
        Thread interrupter = Thread.ofPlatform().start(() -> {
            spinUntil(() -> entered.getCount() == 0 && caller.getState() == Thread.State.WAITING);
            caller.interrupt();
            release.countDown();
        });
        try (RemoteMemory slowly = RemoteMemory.open(SimulatedKernel.PID, slow)) {
            AdviceOutcome outcome = slowly.ranges(WHOLE).inParallel(2).markCold();
            assertThat(outcome.requestedBytes()).isEqualTo(64 * MiB);
            assertThat(outcome.advisedBytes())
                    .isEqualTo(
                            sizesOfEffects().stream().mapToLong(Long::longValue).sum());
        }
        assertThat(Thread.interrupted()).isTrue();
        interrupter.join();
    }

    private static void spinUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void aVirtualThreadMayCall() throws Exception {
        var outcome = new CompletableFuture<AdviceOutcome>();
        Thread caller = Thread.ofVirtual()
                .start(() -> outcome.complete(
                        memory.ranges(WHOLE).inParallel(2).batchesOf(MiB).markCold()));
        assertThat(outcome.get(1, TimeUnit.MINUTES).complete()).isTrue();
        caller.join();
        var stopped = new CompletableFuture<AdviceOutcome>();
        caller = Thread.ofVirtual().start(() -> {
            Thread.currentThread().interrupt();
            stopped.complete(memory.ranges(WHOLE).markCold());
        });
        assertThat(stopped.get(1, TimeUnit.MINUTES).notReachedBytes()).isEqualTo(64 * MiB);
        caller.join();
    }

    /** What a thread fails with, the caller is told, when all have stopped. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5, 31})
    void aThreadThatFailsEndsAll(int batches) {
        simulated.beforeAdvice = () -> {
            if (simulated.effects().size() == batches) {
                throw new IllegalStateException("out of order");
            }
        };
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() ->
                        memory.ranges(WHOLE).inParallel(3).batchesOf(2 * MiB).markCold())
                .withMessage("out of order");
        assertThat(simulated.effects()).hasSize(batches);
    }

    @Test
    void interruptionEndsAPause() {
        Thread caller = Thread.currentThread();
        Thread interrupter = Thread.ofPlatform().start(() -> {
            while (simulated.effects().isEmpty()) {
                Thread.onSpinWait();
            }
            caller.interrupt();
        });
        long start = System.nanoTime();
        AdviceOutcome outcome =
                memory.ranges(WHOLE).inParallel(3).pacedAt(2 * MiB).markCold();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome).isInstanceOf(AdviceOutcome.Stopped.class);
        assertThat(outcome.requestedBytes()).isEqualTo(64 * MiB);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        assertThat(interrupter.isInterrupted()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void anotherThreadMayCancelWhileTheListenerWaits(int threads) {
        AdviceOutcome outcome = memory.ranges(WHOLE)
                .inParallel(threads)
                .batchesOf(MiB)
                .onProgress(progress -> CompletableFuture.runAsync(progress::cancel)
                        .orTimeout(20, TimeUnit.SECONDS)
                        .join())
                .markCold();
        assertThat(outcome).isInstanceOf(AdviceOutcome.Stopped.class);
        assertThat(outcome.requestedBytes()).isEqualTo(64 * MiB);
    }

    @Test
    void whatIsLeftOutAtTheEndIsToldToo() {
        List<Long> told = new ArrayList<>();
        AdviceOutcome outcome = memory.ranges(WHOLE)
                .onProgress(progress -> told.add(progress.advisedBytes() + progress.skippedBytes()))
                .collapseLimits(new CollapseLimits(1, 0))
                .advise(Advice.COLLAPSE);
        assertThat(outcome.complete()).isTrue();
        assertThat(told).endsWith(64 * MiB);
        simulated.swap = "title\n/swap file 1000 1000 -2\n";
        told.clear();
        assertThat(memory.ranges(WHOLE)
                        .onProgress(progress -> told.add(progress.skippedBytes()))
                        .pageOut()
                        .advisedBytes())
                .isZero();
        assertThat(told).containsExactly(64 * MiB);
    }

    @Test
    void aDelayIsNotMadeUpForAtOnce() {
        long start = System.nanoTime();
        var _ = memory.ranges(WHOLE)
                .pacedAt(64 * MiB)
                .onProgress(_ -> {
                    while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(500)) {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                    }
                })
                .markCold();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(1300));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void whatAListenerThrowsIsThrown(int threads) {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> memory.ranges(WHOLE)
                        .inParallel(threads)
                        .batchesOf(MiB)
                        .onProgress(_ -> {
                            throw new IllegalStateException("no more");
                        })
                        .markCold())
                .withMessage("no more");
        assertThat(simulated.effects().size()).isLessThan(64);
    }
}
