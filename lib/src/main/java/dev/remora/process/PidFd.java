package dev.remora.process;

import dev.remora.syscall.ChildStatus;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.PidFds;
import dev.remora.syscall.ProcessInfo;
import dev.remora.syscall.Signal;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process by its name that is never given to another one. */
public final class PidFd implements AutoCloseable {

    /** How long a wait does not notice that its thread was interrupted. */
    private static final int SLICE_MILLISECONDS = 5;

    private final Kernel kernel;
    private final Descriptor descriptor;

    private PidFd(Kernel kernel, Descriptor descriptor) {
        this.kernel = kernel;
        this.descriptor = descriptor;
    }

    /** Opens the process that has the number now, or throws {@link dev.remora.syscall.ErrnoException}. */
    public static PidFd open(Kernel kernel, int pid) {
        return new PidFd(kernel, PidFds.open(kernel, pid));
    }

    /** One more for the same process, or throws {@link dev.remora.syscall.ErrnoException}. */
    public PidFd duplicate() {
        return new PidFd(kernel, descriptor.duplicate());
    }

    public Descriptor descriptor() {
        return descriptor;
    }

    /** Opens a file of the process, or throws {@link dev.remora.syscall.ErrnoException}. */
    public Descriptor openFile(int number) {
        return PidFds.openFileOf(kernel, descriptor, number);
    }

    /** Sends a signal to the process, or throws {@link dev.remora.syscall.ErrnoException}. */
    public void send(Signal signal) {
        PidFds.send(kernel, descriptor, signal);
    }

    /** What the kernel tells of the process; empty where it tells nothing. */
    public Optional<ProcessInfo> info() {
        return ProcessInfo.of(kernel, descriptor);
    }

    /**
     * How it ended, as {@code waitpid(2)} encodes it: for a child while its status waits to be collected, for any process
     * afterwards, on Linux 6.15 and newer.
     */
    public OptionalInt waitStatus() {
        OptionalInt ofChild = ChildStatus.peek(kernel, descriptor);
        return ofChild.isPresent()
                ? ofChild
                : info().map(ProcessInfo::waitStatus).orElseGet(OptionalInt::empty);
    }

    /** Says whether all threads of the process have ended. Does not wait. */
    public boolean exited() {
        return PidFds.exited(kernel, descriptor);
    }

    /** Starts to wait for the end of the process. Until that is over, this must stay open, and cannot be asked again. */
    public ExitWatch watch() {
        return ExitWatcher.watch(kernel, this);
    }

    /**
     * Waits for the end of the process. Returns whether it has ended. Where there is nothing left to be told of it with,
     * as with too many open files or threads, it asks again and again.
     */
    public boolean awaitExit(Duration limit) throws InterruptedException {
        if (exited()) {
            return true;
        }
        if (!limit.isPositive()) {
            return false;
        }
        long nanoseconds = TimeUnit.NANOSECONDS.convert(limit);
        long start = System.nanoTime();
        try (PidFd own = duplicate()) {
            return own.awaitOwnExit(nanoseconds);
        } catch (ErrnoException | OutOfMemoryError cannotBeTold) {
            return pollExit(start, nanoseconds);
        }
    }

    private boolean awaitOwnExit(long nanoseconds) throws InterruptedException {
        ExitWatch watch = watch();
        try {
            watch.ended().get(nanoseconds, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException late) {
            return exited();
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof ErrnoException ofTheKernel) {
                throw ofTheKernel;
            }
            throw new IllegalStateException("Waiting for the end of processes failed", failure.getCause());
        } finally {
            watch.cancel();
        }
    }

    private boolean pollExit(long start, long nanoseconds) throws InterruptedException {
        while (System.nanoTime() - start < nanoseconds) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (PidFds.exited(kernel, descriptor, SLICE_MILLISECONDS)) {
                return true;
            }
        }
        return exited();
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
