package dev.remora.process;

/**
 * One way in which a process is made to stand still, once. All of it is used by one and the same platform thread, which
 * ends soon afterwards. Failures are {@link NotFrozenException} or {@link dev.remora.syscall.ErrnoException}.
 */
interface Standstill extends AutoCloseable {

    /** Does whatever takes time or can be refused. Nothing happens to the process yet. */
    void prepare();

    /**
     * Makes the process stand still, and returns when it does.
     *
     * @param deadline when to give up, in terms of {@link System#nanoTime()}
     */
    void begin(long deadline);

    /** Says whether it stands still just now, as far as that can be seen. One that has ended may fail to tell. */
    boolean holds();

    /** Lets it run on, unless it stood still before. The second time it does nothing. */
    void letRun();

    /** Lets it run on, and gives back what was taken for that. Called in any case, and also if it never stood still. */
    @Override
    void close();
}
