package dev.remora.procfs;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of a mapping is in RAM, and how much of that was used since somebody cleared the marks, as {@code smaps} has it.
 *
 * @param address where it begins
 * @param end where it ends
 * @param name its name, empty if it has none
 * @param withoutFile whether there is no file behind it, which shared memory has, too
 * @param residentBytes what is in RAM
 * @param referencedBytes what of that was used
 */
public record MappingReferences(
        long address, long end, String name, boolean withoutFile, long residentBytes, long referencedBytes) {

    private static final byte[] RESIDENT = {'R', 's', 's', ':'};
    private static final byte[] REFERENCED = {'R', 'e', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 'd', ':'};

    /**
     * Reads {@code smaps}, for which the kernel walks the page tables of the whole process, or throws {@link
     * dev.remora.syscall.ErrnoException}.
     */
    public static List<MappingReferences> read(ProcDirectory process) {
        return process.readWhole(ProcDirectory.Entry.SMAPS, MappingReferences::parse);
    }

    static List<MappingReferences> parse(InputStream smaps) {
        List<MappingReferences> mappings = new ArrayList<>();
        var lines = new TextLines(smaps);
        var cursor = new MapsCursor(lines);
        boolean unseen = false;
        while (lines.next()) {
            byte first = lines.bytes()[lines.start()];
            if (first < 'A' || first > 'Z') {
                unseen = cursor.advance();
                if (unseen) {
                    mappings.add(of(cursor));
                }
            } else if (unseen) {
                mappings.set(mappings.size() - 1, mappings.getLast().with(lines));
            }
        }
        return mappings;
    }

    private static MappingReferences of(MapsCursor cursor) {
        return new MappingReferences(
                cursor.address(), cursor.end(), cursor.mapping().name(), !cursor.fileBacked(), 0, 0);
    }

    private MappingReferences with(TextLines line) {
        if (line.startsWith(RESIDENT)) {
            return new MappingReferences(address, end, name, withoutFile, MappingDetail.bytes(line), referencedBytes);
        }
        return line.startsWith(REFERENCED)
                ? new MappingReferences(address, end, name, withoutFile, residentBytes, MappingDetail.bytes(line))
                : this;
    }
}
