package dev.remora;

import dev.remora.specimen.Specimen;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A process, no child of this JVM, whose threads count, so that it can be seen whether they run. */
final class FreezeTarget implements AutoCloseable {

    private static final int THREADS = 2;

    private final Specimen specimen;
    private final @Nullable FreezableGroup group;
    private final int counters;

    private FreezeTarget(Specimen specimen, @Nullable FreezableGroup group, int counters) {
        this.specimen = specimen;
        this.group = group;
        this.counters = counters;
    }

    /** Starts one that the method can freeze: in a cgroup of its own where that is needed. */
    static FreezeTarget startFor(FreezeMethod method) throws IOException {
        return start(method, "counting", THREADS);
    }

    /** The same with threads each of which starts another one and ends, all the time. */
    static FreezeTarget startChainsFor(FreezeMethod method) throws IOException {
        return start(method, "chaining", 1);
    }

    private static FreezeTarget start(FreezeMethod method, String name, int counters) throws IOException {
        boolean needsGroup = method == FreezeMethod.CGROUP_V1 || method == FreezeMethod.CGROUP_V2;
        FreezableGroup group = needsGroup ? FreezableGroup.make(method) : null;
        Specimen specimen = Specimen.start(name, THREADS);
        if (group != null) {
            group.add(specimen.numbers().getFirst());
        }
        return new FreezeTarget(specimen, group, counters);
    }

    long pid() {
        return specimen.numbers().getFirst();
    }

    FreezableGroup group() {
        if (group == null) {
            throw new IllegalStateException("it has no group of its own");
        }
        return group;
    }

    /** How far its threads have counted. */
    List<Long> counters() {
        try (var memory = new RandomAccessFile("/proc/" + pid() + "/mem", "r")) {
            List<Long> found = new ArrayList<>();
            memory.seek(specimen.numbers().getLast());
            for (int i = 0; i < counters; i++) {
                found.add(Long.reverseBytes(memory.readLong()));
            }
            return found;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits until each of its threads has gone on. */
    void awaitProgress() {
        List<Long> before = counters();
        Await.until(() -> {
            List<Long> now = counters();
            return Stream.iterate(0, i -> i < counters, i -> i + 1)
                    .noneMatch(i -> now.get(i).equals(before.get(i)));
        });
    }

    /** What its first thread does, as {@code /proc} says; a space if it has ended. */
    char state() {
        String stat = Proc.text(pid(), "stat");
        return stat.isEmpty() ? ' ' : stat.charAt(stat.lastIndexOf(')') + 2);
    }

    @Override
    public void close() throws IOException {
        ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
        if (group != null) {
            group.thaw();
        }
        specimen.close();
        if (group != null) {
            group.close();
        }
    }
}
