package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.DirectoryEntry;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The {@code /proc/PID} of one process, opened as a directory: it never shows another process, also when the number is
 * given to one; then every file in it answers ESRCH or ENOENT.
 */
public final class ProcDirectory implements AutoCloseable {

    /** The files that Remora reads. */
    public enum Entry {
        CGROUP("cgroup"),
        CLEAR_REFS("clear_refs"),
        MAPS("maps"),
        MEM("mem"),
        MOUNTINFO("mountinfo"),
        NUMA_MAPS("numa_maps"),
        PAGEMAP("pagemap"),
        SMAPS("smaps"),
        SMAPS_ROLLUP("smaps_rollup"),
        STAT("stat"),
        STATM("statm"),
        STATUS("status"),
        SYSCALL("syscall");

        private final String fileName;

        Entry(String fileName) {
            this.fileName = fileName;
        }
    }

    private static final int ATTEMPTS = 16;

    /** A process without memory has no such line. */
    private static final Pattern NOTHING_MAPPED = Pattern.compile("(?m)^VmSize:\\s+0 kB$");

    private static final String PROC = "/proc";

    private final Kernel kernel;
    private final String directoryPath;
    private final Descriptor directory;

    private ProcDirectory(Kernel kernel, String path, Descriptor directory) {
        this.kernel = kernel;
        this.directoryPath = path;
        this.directory = directory;
    }

    /** Opens the directory of whoever has the number now, or throws {@link ErrnoException}. */
    public static ProcDirectory open(Kernel kernel, int pid) {
        String path = PROC + "/" + pid;
        return new ProcDirectory(kernel, path, OpenFiles.directory(kernel, path));
    }

    /** Opens the directory of the calling process, or throws {@link ErrnoException}. */
    public static ProcDirectory ofThisProcess(Kernel kernel) {
        String path = PROC + "/self";
        return new ProcDirectory(kernel, path, OpenFiles.directory(kernel, path));
    }

    /** Opens the directory of the calling thread, which has rights of its own, or throws {@link ErrnoException}. */
    public static ProcDirectory ofThisThread(Kernel kernel) {
        String path = PROC + "/thread-self";
        return new ProcDirectory(kernel, path, OpenFiles.directory(kernel, path));
    }

    /** Lists the numbers of the processes that this one can see, or throws {@link ErrnoException}. */
    static List<Integer> processes(Kernel kernel) {
        try (Descriptor root = OpenFiles.directory(kernel, PROC);
                Descriptor listing = OpenFiles.forReading(kernel, root, ".", PROC)) {
            return numbers(OpenFiles.entries(kernel, listing, PROC));
        }
    }

    private static List<Integer> numbers(List<DirectoryEntry> entries) {
        return entries.stream()
                .map(DirectoryEntry::name)
                .filter(name -> name.matches("[1-9][0-9]{0,9}"))
                .map(Integer::valueOf)
                .toList();
    }

    /** Lists the numbers of the threads of the process, or throws {@link ErrnoException}. */
    public List<Integer> threads() {
        String path = directoryPath + "/task";
        try (Descriptor listing = OpenFiles.forReading(kernel, directory, "task", path)) {
            return numbers(OpenFiles.entries(kernel, listing, path));
        }
    }

    /** Opens the directory of one of its threads, which has the same files, or throws {@link ErrnoException}. */
    public ProcDirectory thread(int number) {
        String path = directoryPath + "/task/" + number;
        return new ProcDirectory(kernel, path, OpenFiles.directory(kernel, directory, "task/" + number, path));
    }

    /** Reads a short text file of one of its threads whole, or throws {@link ErrnoException}. */
    public String threadText(int number, Entry entry) {
        String name = "task/" + number + "/" + entry.fileName;
        String path = directoryPath + "/" + name;
        return whole(ProcFile.brief(kernel, OpenFiles.forReading(kernel, directory, name, path), path));
    }

    /** Opens a file of the process for reading, or throws {@link ErrnoException}, as do the reads. */
    ProcFile open(Entry entry) {
        return new ProcFile(kernel, descriptor(entry), path(entry));
    }

    /** Opens a file of the process to be read again and again, or throws {@link ErrnoException}. */
    Descriptor descriptor(Entry entry) {
        return OpenFiles.forReading(kernel, directory, entry.fileName, path(entry));
    }

    /** Opens a file of the process for writing, or throws {@link ErrnoException}. */
    public Descriptor descriptorForWriting(Entry entry) {
        return OpenFiles.forWriting(kernel, directory, entry.fileName, path(entry));
    }

    /** Says whether a file may be opened for reading, as far as rights are concerned. */
    public boolean permits(Entry entry) {
        try (Descriptor _ = descriptor(entry)) {
            return true;
        } catch (ErrnoException failure) {
            return !failure.meansDenied();
        }
    }

    /**
     * Says whether the caller has the right that {@code ptrace(2)} has to read the process. For its memory the kernel takes
     * CAP_PERFMON for that right, from Linux 6.15 on, and for this link it does not.
     */
    public boolean showsNamespaces() {
        try {
            var _ = userNamespace();
            return true;
        } catch (ErrnoException failure) {
            return !failure.meansDenied();
        }
    }

    /** Returns the user who owns a file, or throws {@link ErrnoException}. */
    public long owner(Entry entry) {
        return OpenFiles.owner(kernel, directory, entry.fileName, path(entry));
    }

    /** Returns the number of the user namespace, or throws {@link ErrnoException}. */
    public long userNamespace() {
        String link = OpenFiles.link(kernel, directory, "ns/user", directoryPath + "/ns/user");
        return Long.parseLong(link.replaceAll("[^0-9]", ""));
    }

    private String path(Entry entry) {
        return directoryPath + "/" + entry.fileName;
    }

    /**
     * Reads a file that lists what the process maps, or throws {@link ErrnoException}: ESRCH if it has no memory any more.
     *
     * <p>Memory that is given up meanwhile cuts the list short, at any place and without an error. Either the process is
     * just ending, then the next list is empty; or it runs another program now, then the next list is that of the new
     * memory. A list that is empty each time is that of a process that has unmapped everything.
     */
    <T> T readWhole(Entry entry, Function<? super InputStream, T> reader) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (ProcFile file = open(entry)) {
                T result = reader.apply(file);
                if (file.whole()) {
                    return result;
                }
            }
        }
        if (mapsNothing()) {
            return reader.apply(InputStream.nullInputStream());
        }
        throw new ErrnoException("read", path(entry) + ", a list that was empty or cut short each time", Linux.ESRCH());
    }

    /**
     * Reads a file that the kernel makes of the memory of the process in one go, or throws {@link ErrnoException}: ESRCH if it
     * has no memory any more. A process that runs another program meanwhile has new memory to read of.
     */
    String textOfMemory(Entry entry) {
        for (int attempt = 1; ; attempt++) {
            try {
                return text(entry);
            } catch (ErrnoException failure) {
                if (!failure.meansNoProcess() || attempt == ATTEMPTS) {
                    throw failure;
                }
            }
        }
    }

    /** Says whether the process has memory, and nothing in it: it has unmapped all, and will execute nothing any more. */
    private boolean mapsNothing() {
        try {
            return NOTHING_MAPPED.matcher(text(Entry.STATUS)).find();
        } catch (ErrnoException gone) {
            return false;
        }
    }

    /** Reads a short text file whole. */
    public String text(Entry entry) {
        return whole(ProcFile.brief(kernel, descriptor(entry), path(entry)));
    }

    private static String whole(ProcFile opened) {
        try (opened) {
            return new String(opened.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * Says whether the process has no memory any more, because it is ending; or its first thread has ended, without which the
     * kernel finds no memory for it.
     */
    public boolean memoryGivenUp() {
        try {
            return text(Entry.STATM).startsWith("0 ");
        } catch (ErrnoException failure) {
            return meansGone(failure);
        }
    }

    /** Says whether a failure to open or read means that the process, or its memory, is gone. */
    public static boolean meansGone(ErrnoException failure) {
        return failure.errno() == Linux.ESRCH() || failure.errno() == Linux.ENOENT();
    }

    @Override
    public void close() {
        directory.close();
    }
}
