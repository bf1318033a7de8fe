package dev.remora;

import dev.remora.process.PinnedProcess;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The process that a {@link RemoteMemory} was opened for. It is lent for a piece of work at a time, so that its descriptors stay
 * open until the work is done.
 */
record OpenedProcess(Kernel kernel, PinnedProcess pinned, long pageSize) {

    int pid() {
        return pinned.pid();
    }

    ProcDirectory directory() {
        return pinned.directory();
    }

    RightsCheck rights() {
        return new RightsCheck(kernel, directory(), pid());
    }

    /** Does work that explains its failures itself, or throws {@link IllegalStateException} if the memory was closed. */
    <T> T lend(Supplier<T> work) {
        pinned.borrow();
        try {
            return work.get();
        } finally {
            pinned.giveBack();
        }
    }

    /** Does work, and throws what explains its failure while the process is still lent. */
    <T> T lend(Supplier<T> work, Function<ErrnoException, RemoteMemoryException> explanation) {
        return lend(() -> {
            try {
                return work.get();
            } catch (ErrnoException failure) {
                throw explanation.apply(failure);
            }
        });
    }

    /** Why its files could not be read. */
    RemoteMemoryException unreadable(ErrnoException failure) {
        return ProcDirectory.meansGone(failure) ? Failures.ended(pid(), failure) : Failures.reading(rights(), failure);
    }

    /** Why its pages could not be looked at: the kernel can be built without the files for that. */
    RemoteMemoryException pagesUnreadable(ErrnoException failure) {
        return withoutPageMonitor(failure) ? Failures.withoutPageMonitor(failure) : unreadable(failure);
    }

    /** Why the use of its pages could not be marked. */
    RemoteMemoryException unmarked(ErrnoException failure) {
        return failure.meansDenied() ? Failures.marking(rights(), failure) : pagesUnreadable(failure);
    }

    private boolean withoutPageMonitor(ErrnoException failure) {
        return failure.meansRemoved() && !pinned.exited();
    }

    /** Why its pages could not be placed, moved or found. */
    RemoteMemoryException unplaced(ErrnoException failure) {
        return ProcDirectory.meansGone(failure) ? Failures.ended(pid(), failure) : Failures.placing(rights(), failure);
    }
}
