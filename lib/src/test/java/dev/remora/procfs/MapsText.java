package dev.remora.procfs;

import dev.remora.addressspace.Mapping;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes {@code maps} as {@code show_map_vma()} in the kernel's {@code fs/proc/task_mmu.c} does, and reads it back. */
final class MapsText {

    /** {@code seq_setwidth(m, 25 + sizeof(void *) * 6 - 1)}. */
    private static final int PADDED_TO = 72;

    private MapsText() {}

    static String of(List<Mapping> mappings) {
        return mappings.stream().map(mapping -> line(mapping) + "\n").collect(Collectors.joining());
    }

    static String line(Mapping mapping) {
        var line = new StringBuilder()
                .append(hexadecimal(mapping.address(), 8))
                .append('-')
                .append(hexadecimal(mapping.end(), 8))
                .append(' ')
                .append(mapping.protection())
                .append(mapping.shared() ? 's' : 'p')
                .append(' ')
                .append(hexadecimal(mapping.fileOffset(), 8))
                .append(' ')
                .append(hexadecimal(mapping.device() >>> 32, 2))
                .append(':')
                .append(hexadecimal(mapping.device() & 0xffff_ffffL, 2))
                .append(' ')
                .append(Long.toUnsignedString(mapping.inode()))
                .append(' ');
        if (!mapping.name().isEmpty()) {
            line.repeat(' ', Math.max(0, PADDED_TO - line.length())).append(' ').append(mapping.name());
        }
        return line.toString();
    }

    private static String hexadecimal(long value, int digits) {
        String text = Long.toHexString(value);
        return "0".repeat(Math.max(0, digits - text.length())) + text;
    }

    static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    static List<Mapping> parse(String text) {
        return parse(stream(text));
    }

    static List<Mapping> parse(InputStream text) {
        var cursor = new MapsCursor(text);
        List<Mapping> mappings = new ArrayList<>();
        while (cursor.next()) {
            mappings.add(cursor.mapping());
        }
        return mappings;
    }
}
