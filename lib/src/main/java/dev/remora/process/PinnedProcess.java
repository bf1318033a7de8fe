package dev.remora.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.process.NotPinnedException.Reason;
import dev.remora.procfs.MemoryWatch;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcessStatus;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One process, held by a pidfd and by its directory in {@code /proc}.
 *
 * <p>The pidfd is opened first, the directory second, and then the process is found alive through the pidfd: a number
 * is not given to another process while its owner lives, so the directory belongs to the same process.
 */
public final class PinnedProcess implements AutoCloseable {

    private final Kernel kernel;
    private final int pid;
    private final PidFd pidFd;
    private final ProcDirectory directory;
    private final ProcessStatus status;
    private final Lending lending;

    /** Where it made calls for somebody before; it may run another program by now. */
    private volatile @Nullable CallSite callSite;

    @GuardedBy("this")
    private final Set<MemoryWatch> watches = new HashSet<>();

    private PinnedProcess(Kernel kernel, int pid, PidFd pidFd, ProcDirectory directory, ProcessStatus status) {
        this.kernel = kernel;
        this.pid = pid;
        this.pidFd = pidFd;
        this.directory = directory;
        this.status = status;
        lending = new Lending(this::release);
    }

    /** Pins the process, or throws {@link dev.remora.syscall.ErrnoException} or {@link NotPinnedException}. */
    public static PinnedProcess open(Kernel kernel, int pid) {
        PidFd pidFd = PidFd.open(kernel, pid);
        try {
            return open(kernel, pid, pidFd);
        } catch (RuntimeException | Error failure) {
            pidFd.close();
            throw failure;
        }
    }

    private static PinnedProcess open(Kernel kernel, int pid, PidFd pidFd) {
        ProcDirectory directory = openDirectory(kernel, pid, pidFd);
        try {
            var status = ProcessStatus.parse(directory.text(ProcDirectory.Entry.STAT));
            requireMemory(status, pidFd.exited());
            return new PinnedProcess(kernel, pid, pidFd, directory, status);
        } catch (ErrnoException failure) {
            directory.close();
            throw endedOr(failure, pidFd);
        } catch (RuntimeException | Error failure) {
            directory.close();
            throw failure;
        }
    }

    private static ProcDirectory openDirectory(Kernel kernel, int pid, PidFd pidFd) {
        try {
            return ProcDirectory.open(kernel, pid);
        } catch (ErrnoException failure) {
            throw endedOr(failure, pidFd);
        }
    }

    /** A file that is not there means that the process has ended, or that {@code /proc} hides it. */
    private static RuntimeException endedOr(ErrnoException failure, PidFd pidFd) {
        boolean ended = ProcDirectory.meansGone(failure) && pidFd.exited();
        return ended ? new NotPinnedException(Reason.ENDED, "") : failure;
    }

    private static void requireMemory(ProcessStatus status, boolean exited) {
        if (exited) {
            throw new NotPinnedException(status.zombie() ? Reason.ZOMBIE : Reason.ENDED, status.command());
        }
        if (status.kernelThread()) {
            throw new NotPinnedException(Reason.KERNEL_THREAD, status.command());
        }
    }

    public int pid() {
        return pid;
    }

    /** The command name it had when it was opened. */
    public String command() {
        return status.command();
    }

    /**
     * Keeps the process open until {@link #giveBack()}, also when it is closed meanwhile. Whatever uses the pidfd or the
     * directory does so in between.
     */
    public void borrow() {
        if (!lending.borrow()) {
            throw new IllegalStateException("The memory of process " + pid + " was closed: open it again to use it");
        }
    }

    /** Ends one {@link #borrow()}. */
    public void giveBack() {
        lending.giveBack();
    }

    public PidFd pidFd() {
        return pidFd;
    }

    public ProcDirectory directory() {
        return directory;
    }

    @Nullable
    CallSite callSite() {
        return callSite;
    }

    void keep(CallSite found) {
        callSite = found;
    }

    /** Watches the memory it has now, until {@link #unwatch}, or until this is closed. */
    public MemoryWatch watch(long pageSize) {
        MemoryWatch watch = MemoryWatch.open(kernel, directory, pageSize);
        synchronized (this) {
            watches.add(watch);
        }
        return watch;
    }

    /** Does nothing the second time. */
    public synchronized void unwatch(MemoryWatch watch) {
        watches.remove(watch);
        watch.close();
    }

    private synchronized void release() {
        watches.forEach(MemoryWatch::close);
        directory.close();
        pidFd.close();
    }

    /** Says whether all its threads have ended. Does not wait. */
    public boolean exited() {
        return pidFd.exited();
    }

    /** Says whether it has ended, or is so far in ending that it has no memory any more. */
    public boolean gone() {
        return exited() || directory.memoryGivenUp();
    }

    /** Lets those who borrowed it finish. Closing twice does nothing. */
    @Override
    public void close() {
        lending.close();
    }
}
