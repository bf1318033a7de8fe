package dev.remora.procfs;

import java.util.List;
import java.util.stream.Stream;

/**
 * Where memory can be swapped to, as {@code /proc/swaps} lists it.
 *
 * @param names the devices and files, as the kernel prints them
 * @param totalBytes how much they hold
 * @param usedBytes how much of that is in use
 */
public record SwapAreas(List<String> names, long totalBytes, long usedBytes) {

    private static final int SIZE = 2;
    private static final int USED = 3;

    /** Parses the list, whose first line has the titles. */
    public static SwapAreas parse(String swaps) {
        List<String[]> rows = swaps.lines()
                .skip(1)
                .map(line -> line.strip().split("\\s+", -1))
                .filter(row -> row.length > USED)
                .toList();
        return new SwapAreas(
                rows.stream().map(row -> row[0]).toList(), bytes(rows.stream(), SIZE), bytes(rows.stream(), USED));
    }

    private static long bytes(Stream<String[]> rows, int column) {
        return rows.mapToLong(row -> Long.parseLong(row[column]) * 1024).sum();
    }

    public long freeBytes() {
        return totalBytes - usedBytes;
    }

    /** Says whether all of it is memory that is compressed. */
    public boolean onlyCompressed() {
        return names.stream().allMatch(name -> name.contains("/zram"));
    }
}
