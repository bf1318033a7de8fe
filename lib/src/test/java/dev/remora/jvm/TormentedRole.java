package dev.remora.jvm;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A thread of {@link TormentedJvm} that does one thing over and over, and counts how often that went wrong. */
final class TormentedRole {

    private static final long STUCK_NANOSECONDS = TimeUnit.SECONDS.toNanos(20);
    private static final long SAID_WRONGS = 5;

    /** Throws anything when its results are wrong. */
    interface Turn {
        void take(long number) throws Exception;
    }

    private final String name;
    private final Turn turn;
    private final AtomicLong turns = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final CountDownLatch firstTurn = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile long lastTurn;
    private volatile long longestTurn;

    TormentedRole(String name, Turn turn) {
        this.name = name;
        this.turn = turn;
    }

    String name() {
        return name;
    }

    void start() {
        lastTurn = System.nanoTime();
        Thread.ofPlatform().name(name).daemon().start(this::run);
    }

    private void run() {
        while (!stopping) {
            takeTurn();
            long now = System.nanoTime();
            longestTurn = Math.max(longestTurn, now - lastTurn);
            lastTurn = now;
            firstTurn.countDown();
        }
        end.countDown();
    }

    private void takeTurn() {
        try {
            turn.take(turns.get());
        } catch (Throwable failure) {
            if (wrong.incrementAndGet() <= SAID_WRONGS) {
                System.err.print(name + ": ");
                failure.printStackTrace();
            }
        }
        turns.incrementAndGet();
    }

    void awaitFirstTurn() throws InterruptedException {
        if (!firstTurn.await(STUCK_NANOSECONDS, TimeUnit.NANOSECONDS)) {
            stuck();
        }
    }

    private void stuck() {
        System.err.println(name + ": stuck");
        wrong.incrementAndGet();
    }

    /** Ends this role, and tells whether it was never wrong and never stood still for long. */
    boolean endsWell() throws InterruptedException {
        stopping = true;
        if (!end.await(STUCK_NANOSECONDS, TimeUnit.NANOSECONDS) || longestTurn > STUCK_NANOSECONDS) {
            stuck();
        }
        return wrong.get() == 0;
    }

    static void same(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new IllegalStateException(actual + " instead of " + expected);
        }
    }

    /** Nothing here takes less time than it was told to. */
    static void atLeast(long milliseconds, long start) {
        long taken = System.nanoTime() - start;
        if (taken < TimeUnit.MILLISECONDS.toNanos(milliseconds)) {
            throw new IllegalStateException(taken + " ns instead of at least " + milliseconds + " ms");
        }
    }

    /** Lets the others run. */
    static void rest() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException("Nobody interrupts this thread", unexpected);
        }
    }

    @Override
    public String toString() {
        return name + " " + turns + " " + wrong;
    }
}
