package dev.remora.sandbox;

import dev.remora.syscall.ErrnoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How many more mappings the kernel lets this process have ({@code vm.max_map_count}), less what its JVM may need: at the
 * limit itself a JVM cannot go on.
 */
final class MappingBudget {

    private static final long FOR_JVM = 1500;

    /** The most mappings that one command adds: its own and two guards, or the two into which it cuts another. */
    private static final long OF_ONE_COMMAND = 3;

    private final long limit = limit();
    private long atMost = limit;

    /** Read in one portion: the kernel gives the rest of such a number to nobody who reads on. */
    private static long limit() {
        try {
            return Long.parseLong(
                    Files.readAllLines(Path.of("/proc/sys/vm/max_map_count")).getFirst());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Throws {@link ErrnoException} with ENOMEM when a command could come too near to the limit. Counts when in doubt. */
    void spend() {
        if (scarce()) {
            atMost = count();
        }
        if (scarce()) {
            throw ErrnoException.outOfMemory("mmap", "too many mappings, see vm.max_map_count");
        }
        atMost += OF_ONE_COMMAND;
    }

    private boolean scarce() {
        return atMost + OF_ONE_COMMAND > limit - FOR_JVM;
    }

    private static long count() {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
