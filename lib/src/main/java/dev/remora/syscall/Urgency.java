package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.rlimit64;
import dev.remora.bindings.sched_param;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Lets the calling thread run before all ordinary ones until this is closed: {@code SCHED_FIFO} at its lowest priority.
 * Where that is not permitted, and for threads that are real-time ones already, nothing changes; nor where the process
 * has a limit on the time its real-time threads may run ({@code RLIMIT_RTTIME}), beyond which the kernel would end it.
 */
public final class Urgency implements AutoCloseable {

    private static final int CALLING_THREAD = 0;
    private static final int OWN_PROCESS = 0;
    private static final long UNLIMITED = -1;
    private static final int RESET_ON_FORK = 0x4000_0000;
    private static final int LOWEST = 1;

    private final Kernel kernel;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment parameter = sched_param.allocate(arena);
    private final MemorySegment timeLimit = rlimit64.allocate(arena);
    private int before;
    private boolean taken;

    /** Prepares everything, so that {@link #take} is one quick call. */
    public Urgency(Kernel kernel) {
        this.kernel = kernel;
    }

    /** A virtual thread is never urgent: the priority would be that of its carrier. */
    public void take() {
        before = (int) kernel.call(Syscall.SCHED_GETSCHEDULER, CALLING_THREAD);
        if (!Thread.currentThread().isVirtual() && ordinary(before & ~RESET_ON_FORK) && mayTakeItsTime()) {
            taken = schedule(Linux.SCHED_FIFO() | (before & RESET_ON_FORK), LOWEST) == 0;
        }
    }

    private static boolean ordinary(int policy) {
        return policy == Linux.SCHED_OTHER() || policy == Linux.SCHED_BATCH() || policy == Linux.SCHED_IDLE();
    }

    private boolean mayTakeItsTime() {
        long result = kernel.call(Syscall.PRLIMIT64, OWN_PROCESS, Linux.RLIMIT_RTTIME(), 0, timeLimit.address());
        return result == 0 && rlimit64.rlim_cur(timeLimit) == UNLIMITED;
    }

    private long schedule(int policy, int priority) {
        sched_param.sched_priority(parameter, priority);
        return kernel.call(Syscall.SCHED_SETSCHEDULER, CALLING_THREAD, policy, parameter.address());
    }

    /**
     * Lowering a priority is always permitted. Where a filter forbids it all the same, the thread stays urgent: what was
     * done meanwhile cannot be undone, and its outcome is worth more.
     */
    @Override
    public void close() {
        try (arena) {
            if (taken) {
                long _ = schedule(before, 0);
            }
        }
    }
}
