package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.ErrnoException;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The file systems of a process whose files are shared memory: each tmpfs.
 *
 * @param devices their numbers, as {@link MapsCursor#device()} has them
 */
record SharedMemoryDevices(Set<Long> devices) {

    private static final int DEVICE = 2;

    /** None where they cannot be read. */
    static SharedMemoryDevices of(ProcDirectory process) {
        try {
            return parse(process.text(Entry.MOUNTINFO));
        } catch (ErrnoException unreadable) {
            return new SharedMemoryDevices(Set.of());
        }
    }

    /** Lines of {@code proc_pid_mountinfo(5)}: the type follows a separator, behind a number of fields that varies. */
    static SharedMemoryDevices parse(String mountinfo) {
        return new SharedMemoryDevices(mountinfo
                .lines()
                .filter(line -> line.contains(" - tmpfs "))
                .map(line -> line.split(" ", -1)[DEVICE].split(":", -1))
                .map(numbers -> Long.parseLong(numbers[0]) << 32 | Long.parseLong(numbers[1]))
                .collect(Collectors.toUnmodifiableSet()));
    }

    boolean contains(long device) {
        return devices.contains(device);
    }
}
