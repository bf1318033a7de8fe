package dev.remora.procfs;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads the entries of {@code smaps}: a line as in {@code maps}, and below it the figures. */
final class SmapsEntries {

    private SmapsEntries() {}

    /**
     * Lists the entries of the selected mappings.
     *
     * @param selected says of the mapping under the cursor whether it is meant, and may cut it
     * @param begin is shown the whole mapping, and returns what makes an entry once its figures are known
     */
    static <T> List<T> parse(
            InputStream smaps, Predicate<MapsCursor> selected, Function<MapsCursor, Function<SmapsFigures, T>> begin) {
        List<T> entries = new ArrayList<>();
        var lines = new TextLines(smaps);
        var cursor = new MapsCursor(lines);
        var figures = new SmapsFigures();
        Function<SmapsFigures, T> begun = null;
        while (lines.next()) {
            byte first = lines.bytes()[lines.start()];
            if (first < 'A' || first > 'Z') {
                add(entries, begun, figures);
                figures.clear();
                begun = cursor.advance() ? begin(cursor, selected, begin) : null;
            } else if (begun != null) {
                figures.read(lines);
            }
        }
        add(entries, begun, figures);
        return entries;
    }

    private static <T> @Nullable Function<SmapsFigures, T> begin(
            MapsCursor cursor, Predicate<MapsCursor> selected, Function<MapsCursor, Function<SmapsFigures, T>> begin) {
        Function<SmapsFigures, T> begun = begin.apply(cursor);
        return selected.test(cursor) ? begun : null;
    }

    private static <T> void add(List<T> entries, @Nullable Function<SmapsFigures, T> begun, SmapsFigures figures) {
        if (begun != null) {
            entries.add(begun.apply(figures));
        }
    }
}
