package dev.remora.addressspace;

import java.util.Locale;

/**
 * Binary units for sizes in bytes, and how such sizes are printed for people.
 *
 * <p>Sizes are plain {@code long}s everywhere in Remora, always in bytes.
 *
 * {@snippet :
 * import static dev.remora.addressspace.ByteSize.MiB;
 *
 * long size = 64 * MiB;
 * ByteSize.format(size); // "64 MiB"
 * }
 */
public final class ByteSize {

    /** 1024 bytes. */
    public static final long KiB = 1L << 10;

    /** 1024 KiB. */
    public static final long MiB = 1L << 20;

    /** 1024 MiB. */
    public static final long GiB = 1L << 30;

    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private ByteSize() {}

    /**
     * {@return the size in the largest unit that leaves at least 1, with one decimal where it is not a whole number}
     * For example {@code 4096} is {@code "4 KiB"} and {@code 1572864} is {@code "1.5 MiB"}.
     *
     * @param bytes a number of bytes; a negative one keeps its sign
     */
    public static String format(long bytes) {
        int unit = 0;
        double size = bytes;
        while (Math.abs(rounded(size)) >= 1024 && unit < UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        if (bytes == 1) {
            return "1 byte";
        }
        String pattern = size == Math.rint(size) ? "%.0f %s" : "%.1f %s";
        return String.format(Locale.ROOT, pattern, size, UNITS[unit]);
    }

    /** As it will be printed, so that no unit shows 1024.0 of itself. */
    private static double rounded(double size) {
        return Math.rint(size * 10) / 10;
    }
}
