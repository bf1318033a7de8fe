package dev.remora;

import dev.remora.process.CgroupDirectory;
import dev.remora.process.NotPinnedException;
import dev.remora.process.NotPinnedException.Reason;
import dev.remora.process.PidFd;
import dev.remora.process.PinnedProcess;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The processes of a cgroup as they are found, each held until it has ended, so that none is taken twice. Until {@link
 * #begin()} whatever is wrong is thrown; after it, whoever cannot be had is left.
 */
final class CgroupMembers implements AutoCloseable {

    /** How a cgroup lists a process of another pid namespace. */
    private static final int UNSEEN = 0;

    /** What the end of a process opens besides what holds it. */
    private static final int FILES_OF_AN_END = 2;

    private final Kernel kernel;
    private final CgroupDirectory group;
    private final Map<Integer, PinnedProcess> members = new HashMap<>();
    private final Set<Integer> unreachable = new HashSet<>();
    private boolean begun;
    private boolean complete;

    /** Why the group could not be read the last time. */
    private @Nullable ErrnoException unread;

    CgroupMembers(Kernel kernel, CgroupDirectory group) {
        this.kernel = kernel;
        this.group = group;
    }

    /** From now on there is something to be lost. */
    void begin() {
        begun = true;
    }

    boolean begun() {
        return begun;
    }

    /** Says whether the group may be killed as a whole: there were files to pin all with, and this process is not in it. */
    boolean complete() {
        return complete;
    }

    private List<Integer> listed() {
        try {
            List<Integer> numbers = group.processes();
            unread = null;
            return numbers;
        } catch (ErrnoException failure) {
            if (!begun) {
                throw failure;
            }
            unread = failure;
            return List.of();
        }
    }

    /** Those that have ended are let go of first: whoever is still held has its number, in what is listed after that. */
    private List<Integer> listedNow() {
        List.copyOf(members.values()).stream().filter(PinnedProcess::exited).forEach(this::forget);
        return listed();
    }

    private boolean isNew(int pid) {
        return !members.containsKey(pid);
    }

    private boolean mayBePinned(int pid) {
        return pid != UNSEEN && !unreachable.contains(pid);
    }

    /** Files that are missing may be there a while later. */
    boolean anyNew() {
        return listedNow().stream().anyMatch(pid -> isNew(pid) && mayBePinned(pid))
                || (unread != null && unread.meansTooManyFiles());
    }

    /** How many are there that are not held; one at least where that could not be read. */
    int left() {
        long listed = listedNow().stream().distinct().filter(this::isNew).count();
        return (int) Math.max(listed, unread == null ? 0 : 1);
    }

    /**
     * Pins those that are new, or some of them if that takes too many files. A number that is listed once more while its
     * pinned process lives is that of the process.
     */
    List<PinnedProcess> pinNew() {
        List<Integer> listed = listedNow();
        unreachable.retainAll(listed);
        complete = true;
        listed.forEach(this::requireOther);
        List<PinnedProcess> pinned = new ArrayList<>();
        List<PidFd> reserve = new ArrayList<>();
        try {
            for (int pid : listed) {
                if (isNew(pid) && mayBePinned(pid) && !pin(pid, pinned, reserve)) {
                    complete = false;
                    break;
                }
            }
        } finally {
            reserve.forEach(PidFd::close);
        }
        return confirmed(pinned);
    }

    /** Before anybody was killed it is refused to end this process or the first; later, they are left. */
    private void requireOther(int pid) {
        if (!begun) {
            Ending.requireOther(kernel, pid);
        } else if (!Ending.isOther(kernel, pid)) {
            unreachable.add(pid);
            complete = false;
        }
    }

    /** Returns whether there is room for more. */
    private boolean pin(int pid, List<PinnedProcess> pinned, List<PidFd> reserve) {
        try {
            PinnedProcess process = PinnedProcess.open(kernel, pid);
            members.put(pid, process);
            pinned.add(process);
            if (reserved(process, reserve)) {
                return true;
            }
            if (pinned.size() > 1) {
                forget(pinned.removeLast());
            }
            return false;
        } catch (NotPinnedException none) {
            if (none.reason() == Reason.KERNEL_THREAD) {
                unreachable.add(pid);
            }
        } catch (ErrnoException failure) {
            if (failure.meansTooManyFiles() && (begun || !pinned.isEmpty())) {
                return false;
            }
            if (!failure.meansNoProcess()) {
                if (!begun) {
                    throw Failures.opening(pid, failure);
                }
                unreachable.add(pid);
            }
        }
        return true;
    }

    /** Sees to it that the files of its end find room later, when others are pinned too. */
    private static boolean reserved(PinnedProcess process, List<PidFd> reserve) {
        try {
            for (int i = 0; i < FILES_OF_AN_END; i++) {
                reserve.add(process.pidFd().duplicate());
            }
            return true;
        } catch (ErrnoException noRoom) {
            return false;
        }
    }

    private List<PinnedProcess> confirmed(List<PinnedProcess> pinned) {
        Set<Integer> listed = Set.copyOf(listedWithRoom(pinned));
        List<PinnedProcess> confirmed = new ArrayList<>();
        for (PinnedProcess process : pinned) {
            if (listed.contains(process.pid()) && !process.exited()) {
                confirmed.add(process);
            } else {
                forget(process);
            }
        }
        return confirmed;
    }

    private List<Integer> listedWithRoom(List<PinnedProcess> pinned) {
        try {
            return group.processes();
        } catch (ErrnoException failure) {
            if (failure.meansTooManyFiles() && pinned.size() > 1) {
                complete = false;
                List<PinnedProcess> half = pinned.subList(pinned.size() / 2, pinned.size());
                half.forEach(this::forget);
                half.clear();
            }
            return listed();
        }
    }

    /** Lets go of one that is not to be ended. */
    void leave(PinnedProcess process) {
        forget(process);
        unreachable.add(process.pid());
    }

    private void forget(PinnedProcess process) {
        members.remove(process.pid(), process);
        process.close();
    }

    @Override
    public void close() {
        members.values().forEach(PinnedProcess::close);
    }
}
