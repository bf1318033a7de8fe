package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.process.CgroupDirectory;
import dev.remora.process.NotPinnedException;
import dev.remora.process.NotPinnedException.Reason;
import dev.remora.process.PinnedProcess;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.PageSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The end of all processes of a cgroup. Holds those it has found until it is closed, so that none is taken twice. */
final class CgroupEnding implements AutoCloseable {

    /** How a cgroup lists a process of another pid namespace. */
    private static final int UNSEEN = 0;

    private final Kernel kernel;
    private final CgroupDirectory group;
    private final long pageSize;
    private final Deadline deadline;
    private final Map<Integer, PinnedProcess> members = new HashMap<>();
    private final Set<Integer> unreachable = new HashSet<>();
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
    }

    GroupReleaseOutcome run() {
        try {
            do {
                end(pinNew());
            } while (newcomers().anyMatch(this::mayBePinned) && !deadline.passed());
            return new GroupReleaseOutcome(outcomes, (int) newcomers().count());
        } catch (ErrnoException failure) {
            throw Failures.cgroup(failure);
        }
    }

    private Stream<Integer> newcomers() {
        return group.processes().stream().distinct().filter(pid -> !isMember(pid));
    }

    private boolean mayBePinned(int pid) {
        return pid != UNSEEN && !unreachable.contains(pid);
    }

    /** The number of a member that has ended may be that of a new one. */
    private boolean isMember(int pid) {
        PinnedProcess member = members.get(pid);
        return member != null && !member.exited();
    }

    /** A number that is listed once more while its pinned process lives is that of the process. */
    private List<PinnedProcess> pinNew() {
        List<PinnedProcess> pinned = new ArrayList<>();
        for (int pid : newcomers().filter(this::mayBePinned).toList()) {
            Ending.requireOther(kernel, pid);
            pin(pid).ifPresent(pinned::add);
        }
        Set<Integer> listed = Set.copyOf(group.processes());
        List<PinnedProcess> confirmed = new ArrayList<>();
        for (PinnedProcess process : pinned) {
            if (!listed.contains(process.pid())) {
                forget(process);
            } else if (!process.exited()) {
                confirmed.add(process);
            }
        }
        return confirmed;
    }

    private void forget(PinnedProcess process) {
        members.remove(process.pid());
        process.close();
    }

    private Optional<PinnedProcess> pin(int pid) {
        try {
            PinnedProcess process = PinnedProcess.open(kernel, pid);
            PinnedProcess former = members.put(pid, process);
            if (former != null) {
                former.close();
            }
            return Optional.of(process);
        } catch (NotPinnedException none) {
            if (none.reason() == Reason.KERNEL_THREAD) {
                unreachable.add(pid);
            }
            return Optional.empty();
        } catch (ErrnoException failure) {
            if (failure.errno() == Linux.ESRCH()) {
                return Optional.empty();
            }
            throw Failures.opening(pid, failure);
        }
    }

    private void end(List<PinnedProcess> processes) {
        List<Ending> endings = processes.stream().flatMap(this::prepare).toList();
        if (killedTogether()) {
            endings.forEach(Ending::markKilled);
        } else {
            endings.forEach(Ending::kill);
        }
        endings.forEach(ending -> outcomes.add(ending.release(deadline.remaining())));
    }

    /** A missing right is thrown before anything was killed; later it must not cost the outcomes there are. */
    private Stream<Ending> prepare(PinnedProcess process) {
        try {
            return Stream.of(Ending.prepare(kernel, process, pageSize));
        } catch (PermissionDeniedException denied) {
            if (outcomes.isEmpty()) {
                throw denied;
            }
            forget(process);
            unreachable.add(process.pid());
            return Stream.empty();
        }
    }

    private boolean killedTogether() {
        try {
            group.kill();
            return true;
        } catch (ErrnoException failure) {
            if (failure.errno() == Linux.ENOENT()
                    || failure.errno() == Linux.EACCES()
                    || failure.errno() == Linux.EPERM()) {
                return false;
            }
            throw failure;
        }
    }

    @Override
    public void close() {
        members.values().forEach(PinnedProcess::close);
        group.close();
    }
}
