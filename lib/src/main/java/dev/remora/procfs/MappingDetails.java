package dev.remora.procfs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much of the mappings of a process is where, for all of them. */
public final class MappingDetails {

    /** Is shown the pieces of a range. */
    public interface Pieces {

        /** Null stands for a hole. */
        void piece(long from, long to, @Nullable MappingDetail mapping);
    }

    /** What is read for that. */
    public static final List<String> FILES = List.of("/proc/PID/mountinfo", "/proc/PID/smaps");

    private final List<MappingDetail> mappings;

    MappingDetails(List<MappingDetail> mappings) {
        this.mappings = mappings;
    }

    /**
     * Reads {@code smaps}, for which the kernel walks the page tables of the whole process, or throws {@link
     * dev.remora.syscall.ErrnoException}.
     */
    public static MappingDetails read(ProcDirectory process) {
        SharedMemoryDevices shared = SharedMemoryDevices.of(process);
        return new MappingDetails(
                process.readWhole(ProcDirectory.Entry.SMAPS, smaps -> MappingDetail.parse(smaps, shared)));
    }

    /** Cuts a range of user space at the borders of the mappings. */
    public void cut(long from, long to, Pieces pieces) {
        long position = from;
        for (int i = firstEndingAfter(from); i < mappings.size() && position < to; i++) {
            MappingDetail mapping = mappings.get(i);
            long begin = Long.compareUnsigned(mapping.address(), to) >= 0 ? to : Math.max(position, mapping.address());
            if (position < begin) {
                pieces.piece(position, begin, null);
            }
            long end = Math.min(to, mapping.end());
            if (begin < end) {
                pieces.piece(begin, end, mapping);
            }
            position = Math.max(begin, end);
        }
        if (position < to) {
            pieces.piece(position, to, null);
        }
    }

    private int firstEndingAfter(long address) {
        int low = 0;
        int high = mappings.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(mappings.get(middle).end(), address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
