package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;

/**
 * All processes of a cgroup and of those below it, to be ended together: a service, a container, a job.
 *
 * {@snippet file="Ending.java" region="cgroup"}
 *
 * <p>A cgroup is named by its directory, of version 1 or 2. This is a value: it opens nothing until it is used.
 */
@CheckReturnValue
public final class Cgroup {

    private final Kernel kernel;
    private final Path directory;

    private Cgroup(Kernel kernel, Path directory) {
        this.kernel = kernel;
        this.directory = directory;
    }

    /**
     * Names a cgroup.
     *
     * @param directory its directory, for example {@code /sys/fs/cgroup/batch.slice}
     * @return the cgroup
     * @throws IllegalArgumentException if it is not a path of the default file system
     * @throws UnsupportedOperationException if this is not Linux on x86-64 or AArch64
     * @throws IllegalCallerException if Java denies native access; the message names the flag that grants it
     */
    public static Cgroup of(Path directory) {
        return of(directory, LinuxKernel.instance());
    }

    static Cgroup of(Path directory, Kernel kernel) {
        if (!directory.getFileSystem().equals(FileSystems.getDefault())) {
            throw new IllegalArgumentException(
                    "A cgroup is a directory of the default file system, and " + directory + " is of another one");
        }
        return new Cgroup(kernel, directory.toAbsolutePath());
    }

    /** {@return the directory} */
    public Path directory() {
        return directory;
    }

    /**
     * Ends all processes of the cgroup and below, and releases their memory, within ten seconds.
     *
     * @return what became of each; see {@link #killAndRelease(Duration)}
     * @throws IllegalArgumentException if the directory is not that of a cgroup
     * @throws UnsupportedOperationException if the calling process is in the cgroup, or the first of this pid namespace
     * @throws PermissionDeniedException if a process may not be signalled, or the directory not be read
     * @throws SyscallFailedException if there are too many open files to open one process, or the kernel answers with an
     *     error that it is not known to give; no process was killed
     */
    public GroupReleaseOutcome killAndRelease() {
        return killAndRelease(Ending.USUAL_LIMIT);
    }

    /**
     * Ends all processes of the cgroup and below, and releases their memory.
     *
     * <p>Each process is pinned and found in the cgroup once more after that, so that none is hit which got the number of
     * a member meanwhile. Then all are killed at once by {@code cgroup.kill} (version 2, Linux 5.14), which also gets
     * those that are just being started, and each through its pidfd; where there is no {@code cgroup.kill}, through its
     * pidfd only. The memory of each is asked for once before any is waited for. This is repeated until the cgroup is empty
     * or the limit is over. The cgroup itself stays; somebody else may remove it meanwhile.
     *
     * <p>Until the first is killed, whatever is wrong is thrown. After that nothing is: who could not be had is among the
     * outcomes or counted as left. If there are more processes than this one may open files for, they are ended in
     * portions.
     *
     * <p>Privileges: the right to signal every process in it, see {@link RemoteMemory#kill()}; if it is missing for one of
     * the first portion, none is killed. Source: the kernel's {@code Documentation/admin-guide/cgroup-v2.rst}.
     *
     * @param limit how long to try, not negative
     * @return what became of each
     * @throws IllegalArgumentException if the limit is negative, or the directory is not that of a cgroup
     * @throws UnsupportedOperationException if the calling process is in the cgroup, or the first of this pid namespace
     * @throws PermissionDeniedException if a process may not be signalled, or the directory not be read
     * @throws SyscallFailedException if there are too many open files to open one process, or the kernel answers with an
     *     error that it is not known to give; no process was killed
     */
    public GroupReleaseOutcome killAndRelease(Duration limit) {
        Ending.requireLimit(limit);
        try (var ending = new CgroupEnding(kernel, directory.toString(), limit)) {
            return ending.run();
        }
    }

    /** {@return the directory} */
    @Override
    public String toString() {
        return "cgroup " + directory;
    }
}
