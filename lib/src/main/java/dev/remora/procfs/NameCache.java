package dev.remora.procfs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Names as strings, made once for bytes that come again and again: a library has five mappings, a heap thousands. What was
 * not seen for long may be made again, so that a process with a name for each mapping does not make this grow.
 */
final class NameCache {

    private static final int SLOTS = 256;

    private static final class Entry {
        private final byte[] bytes;
        private final String name;

        Entry(byte[] bytes) {
            this.bytes = bytes;
            name = new String(bytes, StandardCharsets.UTF_8);
        }

        boolean is(byte[] text, int from, int to) {
            return Arrays.equals(bytes, 0, bytes.length, text, from, to);
        }
    }

    private static final Entry NONE = new Entry(new byte[0]);

    private final @Nullable Entry[] entries = new Entry[SLOTS];
    private Entry last = NONE;

    String name(byte[] text, int from, int to) {
        if (from == to) {
            return "";
        }
        if (!last.is(text, from, to)) {
            last = look(text, from, to);
        }
        return last.name;
    }

    private Entry look(byte[] text, int from, int to) {
        int slot = hash(text, from, to) & SLOTS - 1;
        Entry known = entries[slot];
        if (known == null || !known.is(text, from, to)) {
            known = new Entry(Arrays.copyOfRange(text, from, to));
            entries[slot] = known;
        }
        return known;
    }

    /** The ends of paths differ more than their beginnings. */
    private static int hash(byte[] text, int from, int to) {
        int hash = to - from;
        for (int i = Math.max(from, to - 24); i < to; i++) {
            hash = 31 * hash + text[i];
        }
        return hash ^ hash >>> 8 ^ hash >>> 16;
    }
}
