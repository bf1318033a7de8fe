package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LendingTest {

    private static final int THREADS = 8;
    private static final int ROUNDS = 400;

    private final AtomicInteger released = new AtomicInteger();
    private final Lending lending = new Lending(released::incrementAndGet);

    @Test
    void releasesAtOnceWhenNobodyBorrows() {
        assertThat(lending.borrow()).isTrue();
        lending.giveBack();
        assertThat(released).hasValue(0);
        lending.close();
        lending.close();
        assertThat(released).hasValue(1);
    }

    @Test
    void releasesAfterTheLastBorrower() {
        assertThat(lending.borrow()).isTrue();
        assertThat(lending.borrow()).isTrue();
        lending.close();
        lending.giveBack();
        assertThat(released).hasValue(0);
        lending.giveBack();
        assertThat(released).hasValue(1);
        lending.close();
        assertThat(released).hasValue(1);
    }

    @Test
    void lendsNothingOnceClosed() {
        assertThat(lending.borrow()).isTrue();
        lending.close();
        assertThat(lending.borrow()).isFalse();
        lending.giveBack();
        assertThat(lending.borrow()).isFalse();
        assertThat(released).hasValue(1);
    }

    /** What is lent, and how often it was released. */
    private static final class Lent {
        private final AtomicInteger releases = new AtomicInteger();
        private final Lending lending = new Lending(releases::incrementAndGet);

        int borrowUntilClosed(int closesAfter) {
            int times = 0;
            while (true) {
                if (times >= closesAfter) {
                    lending.close();
                }
                if (!lending.borrow()) {
                    return times;
                }
                for (int i = 0; i < 10; i++) {
                    assertThat(releases).as("released while borrowed").hasValue(0);
                }
                times++;
                lending.giveBack();
            }
        }
    }

    @Test
    void releasesOnceAndNeverUnderABorrower() throws Exception {
        List<Lent> lent = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            lent.add(new Lent());
        }
        var barrier = new CyclicBarrier(THREADS);
        var borrowed = new AtomicInteger();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            int closesAfter = thread < 2 ? 5 * thread : Integer.MAX_VALUE;
            tasks.add(() -> {
                for (Lent one : lent) {
                    barrier.await(10, TimeUnit.SECONDS);
                    borrowed.addAndGet(one.borrowUntilClosed(closesAfter));
                }
                return null;
            });
        }
        try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            for (Future<Void> task : executor.invokeAll(tasks)) {
                task.get();
            }
        }
        assertThat(borrowed).hasPositiveValue();
        assertThat(lent).allMatch(one -> one.releases.get() == 1);
    }
}
