package dev.remora.process;

import dev.remora.process.NotFrozenException.Reason;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Tracee;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The cgroup of the process is frozen, which must be its own. A group that is frozen already stays so. */
final class CgroupStandstill implements Standstill {

    /** The file in which a group of version 1 lists its threads. */
    private static final String TASKS = "tasks";

    private static final String ROOT = "/";

    /** What a path begins with that leads out of the cgroup namespace of this process. */
    private static final String OUTSIDE = "/..";

    private static final String DELETED = " (deleted)";

    private final Kernel kernel;
    private final PinnedProcess process;
    private final CgroupFreezer freezer;
    private final FreezeWatcher watcher;
    private @Nullable CgroupDirectory group;
    private @Nullable ControlFile control;
    private FreezeWatcher.@Nullable Watch watch;
    private boolean asked;

    /** Made in time: there may be no memory left for it later. */
    private final BooleanSupplier thawing = this::thawed;

    CgroupStandstill(Kernel kernel, PinnedProcess process, CgroupFreezer freezer, FreezeWatcher watcher) {
        this.kernel = kernel;
        this.process = process;
        this.freezer = freezer;
        this.watcher = watcher;
    }

    /** The process is found in the group before and after the watcher has opened it, so that both have the same one. */
    @Override
    public void prepare() {
        unlessRemoved(this::prepareGroup);
    }

    private void prepareGroup() {
        String path = path();
        CgroupDirectory opened = open(path);
        group = opened;
        requireAlone(opened);
        if (!freezer.askedFor(opened)) {
            watch(opened, path + "/" + freezer.file());
        }
    }

    /** Who has asked for it while the watcher was started, is to undo it. */
    private void watch(CgroupDirectory opened, String file) {
        control = opened.forWriting(freezer.file());
        watch = watcher.watchFile(file, freezer.thaw());
        requireAlone(opened);
        if (freezer.askedFor(opened)) {
            unwatch();
        }
    }

    private void unwatch() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    private String path() {
        String place = freezer.place(process.directory()).orElseThrow(() -> new NotFrozenException(Reason.NO_CGROUP));
        if (place.equals(ROOT)) {
            throw new NotFrozenException(Reason.ROOT_CGROUP);
        }
        if (place.startsWith(OUTSIDE) || place.endsWith(DELETED)) {
            throw new NotFrozenException(Reason.NO_CGROUP);
        }
        return freezer.path(kernel, place).orElseThrow(() -> new NotFrozenException(Reason.NO_CGROUP));
    }

    private CgroupDirectory open(String path) {
        CgroupDirectory opened = CgroupDirectory.open(kernel, path);
        try {
            var _ = freezer.frozen(opened);
            return opened;
        } catch (RuntimeException | Error failure) {
            opened.close();
            throw failure;
        }
    }

    private void requireAlone(CgroupDirectory opened) {
        List<Integer> members = members(opened);
        if (!members.contains(process.pid())) {
            throw process.exited() ? Tracee.ended(process.pid()) : new NotFrozenException(Reason.NO_CGROUP);
        }
        for (int member : members) {
            if (member != process.pid()) {
                throw new NotFrozenException(Reason.SHARED_CGROUP, member);
            }
        }
        if (freezer.takesThreadsApart() && !allThreadsIn(opened)) {
            throw new NotFrozenException(Reason.THREADED_CGROUP);
        }
    }

    /** Those started meanwhile are where their starters are. */
    private boolean allThreadsIn(CgroupDirectory opened) {
        Set<Integer> elsewhere = new HashSet<>(process.directory().threads());
        opened.numbers(TASKS).forEach(elsewhere::remove);
        elsewhere.retainAll(process.directory().threads());
        return elsewhere.isEmpty();
    }

    private static List<Integer> members(CgroupDirectory opened) {
        try {
            return opened.processes();
        } catch (ErrnoException failure) {
            throw failure.meansUnsupported() ? new NotFrozenException(Reason.THREADED_CGROUP) : failure;
        }
    }

    @Override
    public void begin(long deadline) {
        unlessRemoved(() -> freeze(deadline));
    }

    /** A group is removed at any moment once the process has ended or was moved. */
    private static void unlessRemoved(Runnable step) {
        try {
            step.run();
        } catch (ErrnoException failure) {
            throw failure.meansRemoved() ? new NotFrozenException(Reason.NO_CGROUP) : failure;
        }
    }

    private void freeze(long deadline) {
        CgroupDirectory opened = Objects.requireNonNull(group);
        if (watch != null) {
            asked = true;
            Objects.requireNonNull(control).write(freezer.freeze());
        }
        if (!Polling.until(deadline, () -> freezer.frozen(opened))) {
            throw process.exited() ? Tracee.ended(process.pid()) : new NotFrozenException(Reason.NOT_IN_TIME);
        }
        requireAlone(opened);
    }

    @Override
    public boolean holds() {
        CgroupDirectory opened = Objects.requireNonNull(group);
        return opened.processes().contains(process.pid()) && freezer.frozen(opened);
    }

    @Override
    public void letRun() {
        if (asked) {
            Insisting.until(thawing);
            asked = false;
        }
    }

    @Override
    public void close() {
        try {
            letRun();
            unwatch();
        } finally {
            closeFiles();
        }
    }

    /** What is gone needs it no more. */
    private boolean thawed() {
        try {
            Objects.requireNonNull(control).write(freezer.thaw());
            return true;
        } catch (ErrnoException failure) {
            return failure.meansRemoved() || process.exited();
        }
    }

    private void closeFiles() {
        if (control != null) {
            control.close();
        }
        if (group != null) {
            group.close();
        }
    }
}
