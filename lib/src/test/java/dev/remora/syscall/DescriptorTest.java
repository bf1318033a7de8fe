package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.bindings.Linux;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DescriptorTest {

    private static final int NUMBER = 42;
    private static final int THREADS = 8;
    private static final int ROUNDS = 400;

    private final List<Long> closed = new ArrayList<>();
    private final Kernel kernel = (number, a0, _, _, _, _, _) -> {
        assertThat(number).isEqualTo(Syscall.CLOSE.number());
        closed.add(a0);
        return 0;
    };
    private final Descriptor descriptor = new Descriptor(kernel, NUMBER);

    @Test
    void lendsItsNumber() {
        assertThat(descriptor.borrow()).isEqualTo(NUMBER);
        assertThat(descriptor.borrow()).isEqualTo(NUMBER);
        descriptor.giveBack();
        descriptor.giveBack();
        assertThat(descriptor.closed()).isFalse();
        assertThat(closed).isEmpty();
    }

    @Test
    void closesAtOnceWhenNobodyBorrows() {
        descriptor.borrow();
        descriptor.giveBack();
        descriptor.close();
        assertThat(descriptor.closed()).isTrue();
        assertThat(closed).containsExactly((long) NUMBER);
    }

    @Test
    void closesOnce() {
        descriptor.close();
        descriptor.close();
        descriptor.close();
        assertThat(closed).hasSize(1);
    }

    @Test
    void closesAfterTheLastBorrower() {
        descriptor.borrow();
        descriptor.borrow();
        descriptor.close();
        descriptor.close();
        assertThat(descriptor.closed()).isTrue();
        assertThat(closed).isEmpty();
        descriptor.giveBack();
        assertThat(closed).isEmpty();
        descriptor.giveBack();
        assertThat(closed).containsExactly((long) NUMBER);
        descriptor.close();
        assertThat(closed).hasSize(1);
    }

    @Test
    void lendsNothingOnceClosed() {
        descriptor.borrow();
        descriptor.close();
        assertThatIllegalStateException().isThrownBy(descriptor::borrow);
        descriptor.giveBack();
        assertThatIllegalStateException().isThrownBy(descriptor::borrow);
        assertThat(closed).hasSize(1);
    }

    @Test
    void aFailureToCloseIsNobodysConcern() {
        new Descriptor((_, _, _, _, _, _, _) -> -Linux.EINTR(), NUMBER).close();
    }

    @Test
    void isMadeFromTheResultOfACall() {
        assertThat(Descriptor.of(kernel, 7, "openat", "/proc").borrow()).isEqualTo(7);
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Descriptor.of(kernel, -Linux.EMFILE(), "openat", "/proc"))
                .withMessage("openat(/proc): EMFILE, too many open files in this process");
    }

    @Test
    void closesOnceAndNeverUnderABorrower() throws Exception {
        var closings = new AtomicIntegerArray(ROUNDS);
        Kernel counting = (_, a0, _, _, _, _, _) -> {
            closings.incrementAndGet((int) a0);
            return 0;
        };
        List<Descriptor> descriptors = IntStream.range(0, ROUNDS)
                .mapToObj(number -> new Descriptor(counting, number))
                .toList();
        var barrier = new CyclicBarrier(THREADS);
        var borrowed = new AtomicInteger();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            int closesAfter = thread < 2 ? 5 * thread : Integer.MAX_VALUE;
            tasks.add(() -> {
                for (Descriptor descriptor : descriptors) {
                    barrier.await(10, TimeUnit.SECONDS);
                    borrowed.addAndGet(borrowUntilClosed(descriptor, closings, closesAfter));
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
        assertThat(IntStream.range(0, ROUNDS).map(closings::get)).containsOnly(1);
    }

    private static int borrowUntilClosed(Descriptor descriptor, AtomicIntegerArray closings, int closesAfter) {
        int times = 0;
        while (true) {
            if (times >= closesAfter) {
                descriptor.close();
            }
            int number;
            try {
                number = descriptor.borrow();
            } catch (IllegalStateException closed) {
                return times;
            }
            for (int i = 0; i < 10; i++) {
                assertThat(closings.get(number)).as("closed while borrowed").isZero();
            }
            times++;
            descriptor.giveBack();
        }
    }
}
