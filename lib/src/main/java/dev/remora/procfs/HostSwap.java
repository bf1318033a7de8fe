package dev.remora.procfs;

import dev.remora.bindings.Linux;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How full the swap of the host is.
 *
 * @param freeBytes how much of it is free
 * @param zramBytes how much RAM its zram devices take for what is in them; empty without such a device
 */
public record HostSwap(long freeBytes, OptionalLong zramBytes) {

    private static final String DEVICES = "/dev/";
    private static final String ZRAM = DEVICES + "zram";

    /** Where {@code mm_stat} has {@code mem_used_total}. */
    private static final int MEMORY_USED = 2;

    /** Empty where the host does not tell. A kernel that was built without swap has no list among its other files. */
    public static Optional<HostSwap> read(Kernel kernel) {
        var files = new HostFiles(kernel);
        try {
            SwapAreas areas = SwapAreas.parse(files.text("/proc/swaps"));
            return Optional.of(new HostSwap(areas.freeBytes(), zram(files, areas)));
        } catch (ErrnoException failure) {
            return failure.errno() == Linux.ENOENT()
                            && files.textIfReadable("/proc/meminfo").isPresent()
                    ? Optional.of(new HostSwap(0, OptionalLong.empty()))
                    : Optional.empty();
        }
    }

    private static OptionalLong zram(HostFiles files, SwapAreas areas) {
        return areas.names().stream()
                .filter(name -> name.startsWith(ZRAM))
                .flatMap(name ->
                        files.textIfReadable("/sys/block/" + name.substring(DEVICES.length()) + "/mm_stat").stream())
                .map(text -> text.split(" +", -1))
                .filter(fields -> fields.length > MEMORY_USED)
                .mapToLong(fields -> Long.parseLong(fields[MEMORY_USED]))
                .reduce(Long::sum);
    }
}
