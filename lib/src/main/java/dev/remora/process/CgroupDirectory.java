package dev.remora.process;

import dev.remora.syscall.Descriptor;
import dev.remora.syscall.DirectoryEntry;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A cgroup of version 1 or 2, with those below it, by its directory. All calls throw {@link ErrnoException}. */
public final class CgroupDirectory implements AutoCloseable {

    private static final String PROCESSES = "cgroup.procs";
    private static final String KILL = "cgroup.kill";
    private static final int PORTION = 1 << 12;

    private final Kernel kernel;
    private final String path;
    private final Descriptor directory;
    private boolean listed;

    private CgroupDirectory(Kernel kernel, String path, Descriptor directory) {
        this.kernel = kernel;
        this.path = path;
        this.directory = directory;
    }

    public static CgroupDirectory open(Kernel kernel, String path) {
        return new CgroupDirectory(kernel, path, OpenFiles.directory(kernel, path));
    }

    /**
     * Lists the processes of this group and of all below; 0 stands for one that cannot be seen from here. A group that was
     * listed once and has been removed since has none.
     */
    public List<Integer> processes() {
        List<Integer> numbers = new ArrayList<>();
        try {
            addProcesses(numbers);
            addProcessesBelow(numbers);
            listed = true;
        } catch (ErrnoException failure) {
            if (!listed || !failure.meansRemoved()) {
                throw failure;
            }
        }
        return numbers;
    }

    private void addProcesses(List<Integer> numbers) {
        numbers.addAll(numbers(PROCESSES));
    }

    /** Lists the numbers in one of the files of the group. */
    List<Integer> numbers(String name) {
        return text(name).lines().map(Integer::valueOf).toList();
    }

    /** Reads one of the files of the group. */
    String text(String name) {
        String file = path + "/" + name;
        try (Descriptor opened = OpenFiles.forReading(kernel, directory, name, file)) {
            return text(opened, file);
        }
    }

    /** Opens one of the files of the group for writing, and does nothing to it. */
    ControlFile forWriting(String name) {
        String file = path + "/" + name;
        return new ControlFile(kernel, OpenFiles.forWriting(kernel, directory, name, file), file);
    }

    private void addProcessesBelow(List<Integer> numbers) {
        for (String name : groupsBelow()) {
            try (CgroupDirectory below = below(name)) {
                below.addAll(numbers);
            } catch (ErrnoException failure) {
                if (!failure.meansRemoved()) {
                    throw failure;
                }
            }
        }
    }

    /** A threaded group has threads only; the processes they belong to are listed by the domain above it. */
    private void addAll(List<Integer> numbers) {
        try {
            addProcesses(numbers);
        } catch (ErrnoException failure) {
            if (!failure.meansUnsupported()) {
                throw failure;
            }
        }
        addProcessesBelow(numbers);
    }

    private List<String> groupsBelow() {
        try (Descriptor listing = OpenFiles.forReading(kernel, directory, ".", path)) {
            return OpenFiles.entries(kernel, listing, path).stream()
                    .filter(DirectoryEntry::isDirectory)
                    .map(DirectoryEntry::name)
                    .filter(name -> !name.equals(".") && !name.equals(".."))
                    .toList();
        }
    }

    private CgroupDirectory below(String name) {
        String below = path + "/" + name;
        return new CgroupDirectory(kernel, below, OpenFiles.directory(kernel, directory, name, below));
    }

    private String text(Descriptor file, String name) {
        var text = new StringBuilder();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment portion = arena.allocate(PORTION);
            while (true) {
                long result = OpenFiles.read(kernel, file, portion, PORTION);
                long length = ErrnoException.check(result, "read", name);
                if (length == 0) {
                    return text.toString();
                }
                byte[] bytes = portion.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                text.append(new String(bytes, StandardCharsets.US_ASCII));
            }
        }
    }

    /**
     * Sends SIGKILL to all processes of this group and below, also to those that are just being started: {@code
     * cgroup.kill}, Linux 5.14. Throws ENOENT where there is none: before, in a group of version 1, and in a root.
     */
    public void kill() {
        try (ControlFile file = forWriting(KILL)) {
            file.write("1");
        }
    }

    @Override
    public void close() {
        directory.close();
    }
}
