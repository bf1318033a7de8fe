package dev.remora.process;

import dev.remora.process.NotFrozenException.Reason;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Tracee;

/** All threads are stopped by {@code ptrace(2)}. When this process ends, in whatever way, the kernel lets them run on. */
final class TracedStandstill implements Standstill {

    private static final Injection.Manner ALL_STOPPED = new Injection.Manner(true, false);

    private final PinnedProcess process;
    private final TracedThreads threads;

    TracedStandstill(Kernel kernel, PinnedProcess process) {
        this.process = process;
        threads = new TracedThreads(kernel, process, ALL_STOPPED, _ -> true);
    }

    @Override
    public void prepare() {
        try {
            threads.seizeAll();
        } catch (NotInjectedException inTheWay) {
            throw explained(inTheWay);
        }
    }

    @Override
    public void begin(long deadline) {
        try {
            threads.stopAll(deadline);
        } catch (NotInjectedException inTheWay) {
            throw explained(inTheWay);
        }
        if (process.exited() || !threads.anyLeft()) {
            throw Tracee.ended(process.pid());
        }
    }

    private static NotFrozenException explained(NotInjectedException inTheWay) {
        return switch (inTheWay.reason()) {
            case TRACED -> new NotFrozenException(Reason.TRACED, inTheWay.tracerPid());
            case OWN_CHILD -> new NotFrozenException(Reason.OWN_CHILD);
            default -> new NotFrozenException(Reason.NOT_IN_TIME);
        };
    }

    /** Nobody but the tracer lets go of them; but one that was made to make a call may not have come back. */
    @Override
    public boolean holds() {
        return threads.allStand();
    }

    /** For calls that one of them is to make meanwhile. */
    TracedThreads threads() {
        return threads;
    }

    @Override
    public void letRun() {
        threads.letGoOfAll();
    }

    @Override
    public void close() {
        threads.close();
    }
}
