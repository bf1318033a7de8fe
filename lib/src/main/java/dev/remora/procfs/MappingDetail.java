package dev.remora.procfs;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How much of a mapping is where, as {@code smaps} has it.
 *
 * @param address where it begins
 * @param end where it ends
 * @param kind what is behind it
 * @param residentBytes what is in RAM
 * @param anonymousBytes what of that is anonymous: of a private file mapping, what the process has changed
 * @param swappedBytes what is in swap, of shared memory too
 * @param hugeBytes what of that in RAM is mapped as transparent huge pages
 */
public record MappingDetail(
        long address, long end, Kind kind, long residentBytes, long anonymousBytes, long swappedBytes, long hugeBytes) {

    /** What is behind a mapping. */
    public enum Kind {
        ANONYMOUS,
        FILE,
        /** Memory that has a name like a file, and goes to swap like anonymous memory. */
        SHARED_MEMORY
    }

    private static final List<byte[]> SHARED_MEMORY_NAMES = List.of(
            bytes("/memfd:*"), bytes("/SYSV*"), bytes("/dev/zero*"), bytes("/dev/shm/*"), bytes("[anon_shmem:*"));

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static List<MappingDetail> parse(InputStream smaps, SharedMemoryDevices shared) {
        return SmapsEntries.parse(smaps, _ -> true, cursor -> {
            long address = cursor.address();
            long end = cursor.end();
            Kind kind = kind(cursor, shared);
            return figures -> new MappingDetail(
                    address,
                    end,
                    kind,
                    figures.residentBytes(),
                    figures.anonymousBytes(),
                    figures.swappedBytes(),
                    figures.hugeBytes());
        });
    }

    private static Kind kind(MapsCursor cursor, SharedMemoryDevices shared) {
        if (shared.contains(cursor.device()) || SHARED_MEMORY_NAMES.stream().anyMatch(cursor::named)) {
            return Kind.SHARED_MEMORY;
        }
        return cursor.fileBacked() ? Kind.FILE : Kind.ANONYMOUS;
    }

    /** What of it needs swap to leave RAM. */
    public long needingSwapBytes() {
        return kind == Kind.FILE ? anonymousBytes : residentBytes;
    }
}
