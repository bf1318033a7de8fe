package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.util.function.IntPredicate;

/**
 * The calls that end a process: {@code pidfd_send_signal(2)}, Linux 5.1, and {@code process_mrelease(2)}, Linux 5.15, for
 * which there is no man page (source: {@code mm/oom_kill.c}).
 *
 * <p>What this kernel has of them is found out when this is made, so that nothing stands between the calls themselves.
 * That includes flags that have been proposed and are in no kernel known here: to kill and release in one call, to speed
 * up a signal. What their bits will mean is open, so there is none by default. A user may name one, and it is passed on
 * only where this very kernel takes it, whatever version it says it has. The flags that Linux 6.9 has for signals are
 * refused: they choose whom a signal reaches, and that is always the one process.
 */
public final class EndingCalls {

    private static final int NO_DESCRIPTOR = -1;
    private static final String SIGNAL_FLAGS = "dev.remora.signalFlags";

    /** {@code PIDFD_SIGNAL_THREAD}, {@code …_THREAD_GROUP} and {@code …_PROCESS_GROUP}. */
    private static final int SCOPES = 0b111;

    private final Kernel kernel;
    private final boolean releasable;
    private final int signalFlags;
    private final int releaseFlags;

    /** Throws {@link IllegalArgumentException} where a flag is named that would send signals to others. */
    public EndingCalls(Kernel kernel) {
        requireOneProcess(Integer.getInteger(SIGNAL_FLAGS, 0));
        this.kernel = kernel;
        releasable = releaseTakes(0);
        signalFlags = named(SIGNAL_FLAGS, this::signalTakes);
        releaseFlags = named("dev.remora.releaseFlags", this::releaseTakes);
    }

    private static void requireOneProcess(int signalFlags) {
        if ((signalFlags & SCOPES) != 0) {
            throw new IllegalArgumentException(
                    "-D" + SIGNAL_FLAGS + "=" + signalFlags + " has one of the bits 1, 2 and 4, which choose a thread,"
                            + " a process or a process group to be signalled (Linux"
                            + " 6.9): Remora signals the one process only. Name other"
                            + " bits, or none");
        }
    }

    private static int named(String property, IntPredicate accepted) {
        int flags = Integer.getInteger(property, 0);
        return flags != 0 && accepted.test(flags) ? flags : 0;
    }

    /** The kernel looks at the flags before it looks at the descriptor, and this is none. */
    private boolean signalTakes(int flags) {
        return kernel.call(Syscall.PIDFD_SEND_SIGNAL, NO_DESCRIPTOR, 0, 0, flags) == -Linux.EBADF();
    }

    private boolean releaseTakes(int flags) {
        return kernel.call(Syscall.PROCESS_MRELEASE, NO_DESCRIPTOR, flags) == -Linux.EBADF();
    }

    /** Says whether the kernel can release memory: it has the call, and no filter forbids it. */
    public boolean releasable() {
        return releasable;
    }

    /**
     * Sends a signal to the process, whatever thread takes it. Returns 0, which says that it is queued, or −errno: ESRCH
     * once the parent has collected the exit status.
     */
    public long send(Descriptor pidFd, Signal signal) {
        return kernel.call(Syscall.PIDFD_SEND_SIGNAL, pidFd.number(), signal.number(), 0, signalFlags);
    }

    /**
     * Frees the memory of a process that is being killed, in the caller's time. Returns 0 when it is free, or −errno:
     * EINVAL while the process is not being killed, is dumping core, or shares its memory with one that lives; ESRCH once
     * it has given up its memory by itself; EAGAIN when not all could be freed.
     */
    public long release(Descriptor pidFd) {
        return kernel.call(Syscall.PROCESS_MRELEASE, pidFd.number(), releaseFlags);
    }

    /**
     * The answers to a SIGKILL and to the release that directly followed it.
     *
     * @param signal 0 or −errno
     * @param release 0 or −errno; ESRCH too where the signal was refused or there is nothing to release with
     */
    public record Answers(long signal, long release) {}

    /**
     * Sends SIGKILL and releases, as directly as it can be done. It is rehearsed without a process, so that what runs
     * between the two calls is not fetched from memory at that moment: the process needs a few microseconds only.
     */
    public Answers killAndRelease(Descriptor pidFd) {
        Answers _ = killAndRelease(NO_DESCRIPTOR);
        return killAndRelease(pidFd.number());
    }

    private Answers killAndRelease(int pidFd) {
        long signal = kernel.call(Syscall.PIDFD_SEND_SIGNAL, pidFd, Signal.KILL.number(), 0, signalFlags);
        long release = releasable && signal != -Linux.EPERM()
                ? kernel.call(Syscall.PROCESS_MRELEASE, pidFd, releaseFlags)
                : -Linux.ESRCH();
        return new Answers(signal, release);
    }
}
