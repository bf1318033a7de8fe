package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import java.time.Duration;

/**
 * A process to which SIGKILL was sent. It will end; {@link #releaseMemory()} has the kernel free its memory right now, in
 * the caller's time, and does not wait until the process gets around to it.
 *
 * <p>There is no other way to get one than {@link RemoteMemory#kill()}, so nothing is ever released that was not killed.
 * It belongs to the {@link RemoteMemory} it came from, which must be open while it is used. It can be used by several
 * threads, and again after it timed out; once the memory was released, the outcome stays the same. Until then, or until
 * the handle is closed, it holds up to two file descriptors.
 */
@CheckReturnValue
public final class DyingProcess {

    private final Ending ending;

    DyingProcess(Ending ending) {
        this.ending = ending;
    }

    /** {@return the number the process had when it was killed} */
    public long pid() {
        return ending.pid();
    }

    /**
     * Releases the memory of the process, within ten seconds.
     *
     * @return what became of the memory; see {@link #releaseMemory(Duration)}
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give
     * @throws IllegalStateException if the handle of its memory was closed
     */
    public ReleaseOutcome releaseMemory() {
        return releaseMemory(Ending.USUAL_LIMIT);
    }

    /**
     * Releases the memory of the process: {@code process_mrelease(2)}, Linux 5.15 (source: {@code mm/oom_kill.c}). It
     * takes no privilege beyond having killed the process.
     *
     * <ul>
     *   <li>Success is {@link ReleaseOutcome.Reaped}.
     *   <li>ESRCH: the process has let go of its memory already. Its end is waited for: {@link
     *       ReleaseOutcome.ReleasedByExit}, or {@link ReleaseOutcome.Unverified}. So it is where the call does not exist.
     *   <li>EAGAIN: asked again after a pause, until the limit.
     *   <li>EINVAL: the memory is shared with a living process, {@link ReleaseOutcome.StillShared} if that lasts for more
     *       than 100 ms; or the process dumps core. Asked again until the limit.
     *   <li>The limit over or the thread interrupted: {@link ReleaseOutcome.TimedOut}, and it can be tried again.
     * </ul>
     *
     * @param limit how long to try, not negative; zero tries once. It does not cut short a call that is freeing memory
     * @return what became of the memory
     * @throws IllegalArgumentException if the limit is negative
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give
     * @throws IllegalStateException if the handle of its memory was closed
     */
    public ReleaseOutcome releaseMemory(Duration limit) {
        Ending.requireLimit(limit);
        var event = new ReleaseEvent(pid());
        return event.watch(() -> ending.release(limit), event::fill);
    }

    /** {@return the number of the process, and that it is dying} */
    @Override
    public String toString() {
        return "dying process " + pid();
    }
}
