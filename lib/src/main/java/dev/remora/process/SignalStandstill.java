package dev.remora.process;

import dev.remora.process.NotFrozenException.Reason;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.procfs.ProcessStatus;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Signal;
import dev.remora.syscall.Tracee;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** All threads are stopped by SIGSTOP. A process that is stopped already stays so. */
final class SignalStandstill implements Standstill {

    /** Of a thread that has ended, or never runs the program. */
    private static final char NONE = ' ';

    private static final char STOPPED = 'T';

    private final Kernel kernel;
    private final PinnedProcess process;
    private final FreezeWatcher watcher;
    private FreezeWatcher.@Nullable Watch watch;
    private boolean asked;

    /** Made in time: there may be no memory left for it later. */
    private final BooleanSupplier continuing = this::continued;

    SignalStandstill(Kernel kernel, PinnedProcess process, FreezeWatcher watcher) {
        this.kernel = kernel;
        this.process = process;
        this.watcher = watcher;
    }

    /** Whether a tracer lets a stop take effect, only it knows. */
    @Override
    public void prepare() {
        var relatives = new Relatives(kernel);
        int tracer = relatives.statusOnceLetGo(process.directory(), () -> false).tracer();
        if (tracer != 0) {
            throw new NotFrozenException(Reason.TRACED, relatives.processOf(tracer));
        }
        if (!anyStopped()) {
            watch();
        }
    }

    /** Who has stopped it while the watcher was started, is to undo it. */
    private void watch() {
        process.pidFd().send(Signal.NONE);
        watch = watcher.watchStop(process.pid());
        if (process.exited()) {
            throw Tracee.ended(process.pid());
        }
        if (anyStopped()) {
            unwatch();
        }
    }

    /** What somebody is stopping just now will have been stopped by him. */
    private boolean anyStopped() {
        return process.directory().threads().stream().anyMatch(number -> state(number) == STOPPED);
    }

    @Override
    public void begin(long deadline) {
        if (watch != null) {
            asked = true;
            process.pidFd().send(Signal.STOP);
        }
        Set<Integer> standing = new HashSet<>();
        while (standing.addAll(process.directory().threads())) {
            for (int number : standing) {
                if (!Polling.until(deadline, () -> stands(number))) {
                    throw new NotFrozenException(Reason.NOT_IN_TIME);
                }
            }
        }
        if (process.exited()) {
            throw Tracee.ended(process.pid());
        }
    }

    private boolean stands(int number) {
        char state = state(number);
        return state == STOPPED || state == NONE;
    }

    private char state(int number) {
        try {
            var status = ProcessStatus.parse(process.directory().threadText(number, Entry.STAT));
            return status.worker() || status.zombie() ? NONE : status.state();
        } catch (ErrnoException failure) {
            if (!ProcDirectory.meansGone(failure)) {
                throw failure;
            }
            return NONE;
        }
    }

    /** SIGCONT is for all threads: one of them tells. */
    @Override
    public boolean holds() {
        return process.directory().threads().stream()
                .map(this::state)
                .filter(state -> state != NONE)
                .limit(1)
                .allMatch(state -> state == STOPPED);
    }

    @Override
    public void letRun() {
        if (asked) {
            Insisting.until(continuing);
            asked = false;
        }
    }

    @Override
    public void close() {
        letRun();
        unwatch();
    }

    private void unwatch() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    private boolean continued() {
        try {
            process.pidFd().send(Signal.CONT);
            return true;
        } catch (ErrnoException failure) {
            return failure.meansNoProcess() || process.exited();
        }
    }
}
