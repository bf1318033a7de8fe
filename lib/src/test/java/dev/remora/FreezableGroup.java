package dev.remora;

import dev.remora.preconditions.Skip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A cgroup that a test makes, and that is gone when it is closed; who is left in it then goes to the group above. */
final class FreezableGroup implements AutoCloseable {

    private static final AtomicInteger MADE = new AtomicInteger();

    private static final List<Path> FIRST = List.of(Path.of("/sys/fs/cgroup/freezer"));
    private static final List<Path> SECOND = List.of(Path.of("/sys/fs/cgroup"), Path.of("/sys/fs/cgroup/unified"));

    private final Path directory;
    private final boolean first;

    private FreezableGroup(Path directory, boolean first) {
        this.directory = directory;
        this.first = first;
    }

    /** Makes one of the version that the method needs; skips the test where that cannot be. */
    static FreezableGroup make(FreezeMethod method) throws IOException {
        boolean first = method == FreezeMethod.CGROUP_V1;
        String file = first ? "freezer.state" : "cgroup.freeze";
        String name = "remora-test-freeze-" + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet();
        for (Path root : first ? FIRST : SECOND) {
            if (Files.exists(root.resolve("cgroup.procs")) && Files.isWritable(root)) {
                Path directory = Files.createDirectory(root.resolve(name));
                if (Files.exists(directory.resolve(file))) {
                    return new FreezableGroup(directory, first);
                }
                Files.delete(directory);
            }
        }
        throw Skip.because("no hierarchy with a freezer for " + method + " that this user may make a cgroup in (root)");
    }

    FreezableGroup below(String name) throws IOException {
        return new FreezableGroup(Files.createDirectory(directory.resolve(name)), first);
    }

    Path directory() {
        return directory;
    }

    void add(long pid) throws IOException {
        Files.writeString(directory.resolve("cgroup.procs"), Long.toString(pid));
    }

    void freeze() throws IOException {
        Files.writeString(directory.resolve(first ? "freezer.state" : "cgroup.freeze"), first ? "FROZEN" : "1");
        Await.until(this::frozen);
    }

    void thaw() throws IOException {
        Files.writeString(directory.resolve(first ? "freezer.state" : "cgroup.freeze"), first ? "THAWED" : "0");
    }

    boolean frozen() {
        try {
            return first
                    ? Files.readString(directory.resolve("freezer.state"))
                            .strip()
                            .equals("FROZEN")
                    : Files.readString(directory.resolve("cgroup.events")).contains("frozen 1");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Whether somebody asks for it to be frozen. */
    boolean askedToFreeze() {
        try {
            return first
                    ? !Files.readString(directory.resolve("freezer.state"))
                            .strip()
                            .equals("THAWED")
                    : Files.readString(directory.resolve("cgroup.freeze"))
                            .strip()
                            .equals("1");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private List<String> members() {
        try {
            return Files.readAllLines(directory.resolve("cgroup.procs"));
        } catch (IOException threaded) {
            return List.of();
        }
    }

    @Override
    public void close() throws IOException {
        thaw();
        for (String pid : members()) {
            try {
                Files.writeString(directory.resolve("../cgroup.procs"), pid);
            } catch (IOException endedSince) {
                // Then it leaves the group by itself.
            }
        }
        Await.until(this::removed);
    }

    /** Who has ended leaves the group some time after it is listed no more. */
    private boolean removed() {
        try {
            Files.deleteIfExists(directory);
            return true;
        } catch (IOException busy) {
            return false;
        }
    }
}
