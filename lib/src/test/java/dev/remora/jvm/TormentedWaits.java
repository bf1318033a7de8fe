package dev.remora.jvm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Turns that wait, with and without a timeout, for time and for other threads. */
final class TormentedWaits {

    private final Object monitor = new Object();

    @GuardedBy("monitor")
    private long told;

    void sleep(long turn) throws InterruptedException {
        long start = System.nanoTime();
        Thread.sleep(turn % 4);
        TormentedRole.atLeast(turn % 4, start);
    }

    /** Parking may end early for no reason, but an unpark is never lost. */
    void park(long unused) {
        AtomicLong woken = new AtomicLong();
        Thread parked = Thread.currentThread();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        Thread.ofPlatform().start(() -> {
            TormentedRole.rest();
            woken.set(1);
            LockSupport.unpark(parked);
        });
        while (woken.get() == 0) {
            LockSupport.park();
        }
    }

    void monitor(long unused) throws InterruptedException {
        synchronized (monitor) {
            long before = told;
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2);
            while (told == before && System.nanoTime() < end) {
                monitor.wait(1);
            }
            TormentedRole.same(before, told);
            Thread.ofPlatform().start(this::tell);
            while (told == before) {
                monitor.wait();
            }
            TormentedRole.same(before + 1, told);
        }
    }

    private void tell() {
        TormentedRole.rest();
        synchronized (monitor) {
            told++;
            monitor.notifyAll();
        }
    }

    void queue(long turn) throws InterruptedException {
        SynchronousQueue<Long> queue = new SynchronousQueue<>();
        long start = System.nanoTime();
        TormentedRole.same(null, queue.poll(2, TimeUnit.MILLISECONDS));
        TormentedRole.atLeast(2, start);
        Thread.ofPlatform().start(() -> put(queue, turn));
        TormentedRole.same(turn, queue.take());
    }

    private static void put(SynchronousQueue<Long> queue, long number) {
        try {
            queue.put(number);
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException("Nobody interrupts this thread", unexpected);
        }
    }

    void virtualThreads(long unused) throws InterruptedException {
        AtomicLong sum = new AtomicLong();
        CountDownLatch ended = new CountDownLatch(50);
        for (int i = 0; i < 50; i++) {
            int number = i;
            Thread.ofVirtual().start(() -> {
                TormentedRole.rest();
                sum.addAndGet(number);
                ended.countDown();
            });
        }
        ended.await();
        TormentedRole.same(50L * 49 / 2, sum.get());
    }
}
