package dev.remora.bench;

import java.util.Locale;

/** Times in words, with three digits or so. */
final class Elapsed {

    private Elapsed() {}

    static String format(double nanoseconds) {
        if (nanoseconds < 1e3) {
            return inUnit(nanoseconds, "ns");
        }
        return nanoseconds < 1e6 ? inUnit(nanoseconds / 1e3, "µs") : inUnit(nanoseconds / 1e6, "ms");
    }

    private static String inUnit(double value, String unit) {
        String format = value < 10 ? "%.2f %s" : value < 100 ? "%.1f %s" : "%.0f %s";
        return String.format(Locale.ROOT, format, value, unit);
    }
}
