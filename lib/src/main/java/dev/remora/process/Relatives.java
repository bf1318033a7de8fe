package dev.remora.process;

import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.procfs.ProcessStatus;
import dev.remora.procfs.ThreadStatus;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OwnProcess;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Those whom this process depends on. */
public final class Relatives {

    /** How long to wait for another thread of this JVM that traces the same one. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(50);

    private final Kernel kernel;

    public Relatives(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Says whether a process is this one. */
    public boolean isSelf(int pid) {
        return pid == new OwnProcess(kernel).pid();
    }

    /** Says whether a process is the parent of this one, or one of its parents. One that cannot be seen ends the line. */
    public boolean isAncestor(int pid) {
        int ancestor = new OwnProcess(kernel).parentPid();
        while (ancestor > 0 && ancestor != pid) {
            ancestor = parentOf(ancestor);
        }
        return ancestor == pid;
    }

    private int parentOf(int pid) {
        try (ProcDirectory directory = ProcDirectory.open(kernel, pid)) {
            return ProcessStatus.parse(directory.text(Entry.STAT)).parentPid();
        } catch (ErrnoException unseen) {
            return 0;
        }
    }

    /** Says whether a thread of a process traces a thread of this one, or throws {@link ErrnoException} if that is unknown. */
    public boolean isTracer(PinnedProcess process) {
        try (ProcDirectory self = ProcDirectory.ofThisProcess(kernel)) {
            return self.threads().stream()
                    .mapToInt(thread -> tracerOf(self, thread))
                    .filter(tracer -> tracer != 0)
                    .anyMatch(tracer -> belongs(tracer, process));
        }
    }

    private static int tracerOf(ProcDirectory self, int number) {
        try (ProcDirectory thread = self.thread(number)) {
            return ThreadStatus.of(thread).tracer();
        } catch (ErrnoException failure) {
            if (!ProcDirectory.meansGone(failure)) {
                throw failure;
            }
            return 0;
        }
    }

    /** Who hides from this process may still show its own threads. */
    private boolean belongs(int thread, PinnedProcess process) {
        int owner = processOf(thread);
        return owner == process.pid()
                || (owner == 0 && process.directory().threads().contains(thread));
    }

    /** Returns the number of the process that a thread belongs to; 0 if it has ended, or is hidden from this process. */
    int processOf(int thread) {
        try (ProcDirectory directory = ProcDirectory.open(kernel, thread)) {
            return ThreadStatus.of(directory).processPid();
        } catch (ErrnoException failure) {
            if (!ProcDirectory.meansGone(failure) && !failure.meansDenied()) {
                throw failure;
            }
            return 0;
        }
    }

    /** Says whether a process is a child of this one: Java waits for it, and takes the stop of its first thread for its end. */
    public boolean isChild(PinnedProcess process) {
        return ProcessStatus.parse(process.directory().text(Entry.STAT)).parentPid() == new OwnProcess(kernel).pid();
    }

    /**
     * Reads what somebody who wants to trace a thread has to know of it. If another thread of this JVM traces it, this waits for
     * that to let go, two seconds at most: one that has just ended may not have yet.
     *
     * @param inVain says whether it is known not to
     */
    ThreadStatus statusOnceLetGo(ProcDirectory thread, BooleanSupplier inVain) {
        ThreadStatus status = ThreadStatus.of(thread);
        int stranger = 0;
        long deadline = System.nanoTime() + PATIENCE;
        while (status.tracer() != stranger && !inVain.getAsBoolean() && System.nanoTime() - deadline < 0) {
            if (isOtherOwnThread(status.tracer())) {
                LockSupport.parkNanos(PAUSE);
            } else {
                // Or it was one a moment ago, and has let go since.
                stranger = status.tracer();
            }
            status = ThreadStatus.of(thread);
        }
        return status;
    }

    private boolean isOtherOwnThread(int number) {
        if (number == 0 || number == new OwnProcess(kernel).thread()) {
            return false;
        }
        try (ProcDirectory self = ProcDirectory.ofThisProcess(kernel);
                ProcDirectory _ = self.thread(number)) {
            return true;
        } catch (ErrnoException notOwn) {
            return false;
        }
    }
}
