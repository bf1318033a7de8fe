package dev.remora.procfs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** The lines of a file as bytes in one reused array: no object per line. */
final class TextLines {

    private final InputStream source;
    private byte[] buffer = new byte[1 << 16];
    private int filled;
    private int start;
    private int end;
    private int next;

    TextLines(InputStream source) {
        this.source = source;
    }

    /** Moves to the next line; what was read of the one before is no longer valid. */
    boolean next() {
        start = next;
        int scanned = start;
        while (true) {
            int newline = indexOfNewline(scanned);
            if (newline >= 0) {
                end = newline;
                next = newline + 1;
                return true;
            }
            int unscanned = filled - start;
            if (!fill()) {
                end = filled;
                next = filled;
                return end > start;
            }
            scanned = start + unscanned;
        }
    }

    private int indexOfNewline(int from) {
        for (int i = from; i < filled; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Reads more behind the line that has begun, which moves to the front of the buffer. */
    private boolean fill() {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, filled - start);
            filled -= start;
            start = 0;
        }
        if (filled == buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        }
        try {
            int bytes = source.read(buffer, filled, buffer.length - filled);
            if (bytes <= 0) {
                return false;
            }
            filled += bytes;
            return true;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    boolean startsWith(byte[] prefix) {
        return end - start >= prefix.length
                && Arrays.equals(buffer, start, start + prefix.length, prefix, 0, prefix.length);
    }

    /** The array that holds the line; it changes with {@link #next()}. */
    byte[] bytes() {
        return buffer;
    }

    int start() {
        return start;
    }

    /** The index after the last byte of the line, without its newline. */
    int end() {
        return end;
    }
}
