package dev.remora;

import dev.remora.ReleaseOutcome.TimedOut;
import dev.remora.ReleaseOutcome.TimedOut.Obstacle;
import dev.remora.process.CgroupDirectory;
import dev.remora.process.PinnedProcess;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.PageSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The end of all processes of a cgroup. Once one was killed, nothing that fails costs the outcomes there are. */
final class CgroupEnding implements AutoCloseable {

    /** Before those are looked for again that could not be had. */
    private static final long PAUSE_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(1);

    /** An end that was begun, and what {@code process_mrelease} said at first. */
    private record Begun(Ending ending, long answer) {}

    private final Kernel kernel;
    private final CgroupDirectory group;
    private final CgroupMembers members;
    private final long pageSize;
    private final Deadline deadline;
    private final List<ReleaseOutcome> outcomes = new ArrayList<>();

    CgroupEnding(Kernel kernel, String path, Duration limit) {
        this.kernel = kernel;
        deadline = Deadline.in(limit);
        try {
            pageSize = PageSize.of(kernel);
            group = CgroupDirectory.open(kernel, path);
        } catch (ErrnoException failure) {
            throw Failures.cgroup(failure);
        }
        members = new CgroupMembers(kernel, group);
    }

    GroupReleaseOutcome run() {
        try {
            boolean more;
            do {
                more = end(members.pinNew());
            } while (more && members.anyNew() && !deadline.passed());
            return new GroupReleaseOutcome(outcomes, members.left());
        } catch (ErrnoException failure) {
            throw Failures.cgroup(failure);
        }
    }

    /** Returns whether it makes sense to look for more: an interrupted thread does not wait for any. */
    private boolean end(List<PinnedProcess> processes) {
        List<Ending> endings = processes.stream().flatMap(this::prepare).toList();
        boolean together = members.complete() && killedTogether();
        if (together || !endings.isEmpty()) {
            members.begin();
        }
        if (endings.isEmpty()) {
            LockSupport.parkNanos(PAUSE_NANOSECONDS);
            return !Thread.currentThread().isInterrupted();
        }
        List<Ending> killed =
                endings.stream().filter(ending -> kill(ending, together)).toList();
        List<Begun> begun = killed.stream()
                .map(ending -> new Begun(ending, ending.releaseOnce()))
                .toList();
        begun.forEach(this::release);
        return true;
    }

    /** A missing right is thrown before anything was killed. */
    private Stream<Ending> prepare(PinnedProcess process) {
        try {
            return Stream.of(Ending.prepare(kernel, process, pageSize));
        } catch (RemoteMemoryException | ErrnoException refused) {
            if (!members.begun()) {
                throw refused;
            }
            members.leave(process);
            return Stream.empty();
        }
    }

    /** Where it cannot be done, for whatever reason, each is killed by itself. */
    private boolean killedTogether() {
        try {
            group.kill();
            return true;
        } catch (ErrnoException refused) {
            return false;
        }
    }

    /** Each is also killed by itself: it may have left the group just before the others were. */
    private boolean kill(Ending ending, boolean together) {
        try {
            ending.kill();
            if (together) {
                ending.markKilled();
            }
            return true;
        } catch (RemoteMemoryException | ErrnoException refused) {
            fail(ending);
            ending.close();
            return false;
        }
    }

    /** Asks once more unless it is done: whoever was waited for before may have taken all the time. */
    private void release(Begun begun) {
        try (Ending ending = begun.ending()) {
            try {
                outcomes.add(
                        begun.answer() == 0
                                ? ending.release(begun.answer(), deadline.remaining())
                                : ending.release(deadline.remaining()));
            } catch (RemoteMemoryException | ErrnoException failure) {
                fail(ending);
            }
        }
    }

    private void fail(Ending ending) {
        outcomes.add(
                new TimedOut(ending.pid(), ending.figures(ending.residentNow(), Optional.empty()), Obstacle.NOT_DYING));
    }

    @Override
    public void close() {
        members.close();
        group.close();
    }
}
