package dev.remora.procfs;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingUse;
import dev.remora.addressspace.ProcessUse;
import dev.remora.procfs.ProcDirectory.Entry;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads {@code smaps} and {@code smaps_rollup}; failures are {@link dev.remora.syscall.ErrnoException}. */
public final class MappingUses {

    private static final byte[] FLAGS = "VmFlags:".getBytes(StandardCharsets.US_ASCII);

    private MappingUses() {}

    /** What is selected, whole; for all of it the kernel walks the page tables. */
    public static List<MappingUse> read(ProcDirectory process, Predicate<MapsCursor> selected) {
        return process.readWhole(Entry.SMAPS, smaps -> parse(smaps, selected));
    }

    static List<MappingUse> parse(InputStream smaps, Predicate<MapsCursor> selected) {
        List<MappingUse> uses = new ArrayList<>();
        var lines = new TextLines(smaps);
        var cursor = new MapsCursor(lines);
        var figures = new SmapsFigures();
        Mapping mapping = null;
        Set<String> flags = Set.of();
        while (lines.next()) {
            byte first = lines.bytes()[lines.start()];
            if (first < 'A' || first > 'Z') {
                add(uses, mapping, figures, flags);
                figures.clear();
                flags = Set.of();
                mapping = selected(cursor, selected);
            } else if (mapping != null && lines.startsWith(FLAGS)) {
                flags = flags(lines);
            } else if (mapping != null) {
                figures.read(lines);
            }
        }
        add(uses, mapping, figures, flags);
        return uses;
    }

    private static @Nullable Mapping selected(MapsCursor cursor, Predicate<MapsCursor> selected) {
        if (!cursor.advance()) {
            return null;
        }
        Mapping whole = cursor.mapping();
        return selected.test(cursor) ? whole : null;
    }

    private static void add(List<MappingUse> uses, @Nullable Mapping mapping, SmapsFigures figures, Set<String> flags) {
        if (mapping != null) {
            uses.add(new MappingUse(mapping, figures.pageBytes(), figures.memory(), flags));
        }
    }

    private static Set<String> flags(TextLines line) {
        int from = line.start() + FLAGS.length;
        String words = new String(line.bytes(), from, line.end() - from, StandardCharsets.US_ASCII).strip();
        return words.isEmpty() ? Set.of() : Set.copyOf(List.of(words.split(" ", -1)));
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
