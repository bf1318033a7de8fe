package dev.remora.procfs;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
    private static final byte[] RESIDENT = bytes("Rss:");
    private static final byte[] ANONYMOUS = bytes("Anonymous:");
    private static final byte[] SWAPPED = bytes("Swap:");
    private static final List<byte[]> HUGE =
            List.of(bytes("AnonHugePages:"), bytes("ShmemPmdMapped:"), bytes("FilePmdMapped:"));

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static List<MappingDetail> parse(InputStream smaps, SharedMemoryDevices shared) {
        List<MappingDetail> details = new ArrayList<>();
        var lines = new TextLines(smaps);
        var cursor = new MapsCursor(lines);
        boolean unseen = false;
        while (lines.next()) {
            byte first = lines.bytes()[lines.start()];
            if (first < 'A' || first > 'Z') {
                unseen = cursor.advance();
                if (unseen) {
                    details.add(new MappingDetail(cursor.address(), cursor.end(), kind(cursor, shared), 0, 0, 0, 0));
                }
            } else if (unseen) {
                details.set(details.size() - 1, details.getLast().with(lines));
            }
        }
        return details;
    }

    private static Kind kind(MapsCursor cursor, SharedMemoryDevices shared) {
        if (shared.contains(cursor.device()) || SHARED_MEMORY_NAMES.stream().anyMatch(cursor::named)) {
            return Kind.SHARED_MEMORY;
        }
        return cursor.fileBacked() ? Kind.FILE : Kind.ANONYMOUS;
    }

    private MappingDetail with(TextLines line) {
        if (line.startsWith(RESIDENT)) {
            return new MappingDetail(address, end, kind, bytes(line), anonymousBytes, swappedBytes, hugeBytes);
        }
        if (line.startsWith(ANONYMOUS)) {
            return new MappingDetail(address, end, kind, residentBytes, bytes(line), swappedBytes, hugeBytes);
        }
        if (line.startsWith(SWAPPED)) {
            return new MappingDetail(address, end, kind, residentBytes, anonymousBytes, bytes(line), hugeBytes);
        }
        for (byte[] field : HUGE) {
            if (line.startsWith(field)) {
                return new MappingDetail(
                        address, end, kind, residentBytes, anonymousBytes, swappedBytes, hugeBytes + bytes(line));
            }
        }
        return this;
    }

    /** The kernel gives kilobytes. */
    static long bytes(TextLines line) {
        long kilobytes = 0;
        for (int i = line.start(); i < line.end(); i++) {
            byte letter = line.bytes()[i];
            if (letter >= '0' && letter <= '9') {
                kilobytes = 10 * kilobytes + letter - '0';
            }
        }
        return 1024 * kilobytes;
    }

    /** What of it needs swap to leave RAM. */
    public long needingSwapBytes() {
        return kind == Kind.FILE ? anonymousBytes : residentBytes;
    }
}
