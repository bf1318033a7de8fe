package dev.remora.procfs;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingUse;
import dev.remora.addressspace.ProcessUse;
import dev.remora.procfs.ProcDirectory.Entry;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads {@code smaps} and {@code smaps_rollup}; failures are {@link dev.remora.syscall.ErrnoException}. */
public final class MappingUses {

    private MappingUses() {}

    /** What is selected, whole; for all of it the kernel walks the page tables. */
    public static List<MappingUse> read(ProcDirectory process, Predicate<MapsCursor> selected) {
        return process.readWhole(Entry.SMAPS, smaps -> parse(smaps, selected));
    }

    static List<MappingUse> parse(InputStream smaps, Predicate<MapsCursor> selected) {
        return SmapsEntries.parse(smaps, selected, cursor -> {
            Mapping mapping = cursor.mapping();
            return figures -> new MappingUse(mapping, figures.pageBytes(), figures.memory(), figures.flags());
        });
    }

    /** The sums that the kernel makes. */
    public static ProcessUse ofProcess(ProcDirectory process) {
        return ofProcess(process.textOfMemory(Entry.SMAPS_ROLLUP));
    }

    static ProcessUse ofProcess(String rollUp) {
        var lines = new TextLines(new ByteArrayInputStream(rollUp.getBytes(StandardCharsets.UTF_8)));
        var figures = new SmapsFigures();
        while (lines.next()) {
            figures.read(lines);
        }
        Optional<ProcessUse.Kinds> kinds = figures.hasKinds() ? Optional.of(figures.kinds()) : Optional.empty();
        return new ProcessUse(figures.memory(), kinds);
    }
}
