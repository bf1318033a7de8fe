package dev.remora.procfs;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.syscall.ErrnoException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Walks over the mappings in the text of {@code /proc/PID/maps} or {@code smaps}, without an object for each.
 *
 * <p>The kernel makes the text in portions, and a process that maps and unmaps meanwhile can make it repeat a mapping,
 * or print one that overlaps the last; addresses never go back. What was seen already is cut off, so that no byte comes
 * twice; what a later line says of addresses before those seen is too late to show.
 */
public final class MapsCursor {

    private static final int NOT_A_DIGIT = -1;

    /** By the bits of readable, writable and executable. */
    private static final Protection[] PROTECTIONS = new Protection[8];

    /** The value of each letter as a hexadecimal digit. */
    private static final byte[] DIGITS = new byte[256];

    static {
        Arrays.fill(DIGITS, (byte) NOT_A_DIGIT);
        for (int digit = 0; digit < 16; digit++) {
            DIGITS[Character.forDigit(digit, 16)] = (byte) digit;
        }
        Arrays.setAll(PROTECTIONS, bits -> new Protection((bits & 4) != 0, (bits & 2) != 0, (bits & 1) != 0));
    }

    private final TextLines lines;
    private final NameCache names = new NameCache();
    private int position;

    /** Where the mappings that were shown so far end. */
    private long seen;

    private long address;
    private long end;
    private long fileOffset;
    private long device;
    private long inode;
    private boolean readable;
    private boolean writable;
    private boolean executable;
    private boolean shared;

    public MapsCursor(InputStream maps) {
        this(new TextLines(maps));
    }

    MapsCursor(TextLines lines) {
        this.lines = lines;
    }

    /**
     * Shows each mapping of a process in turn to what collects them, or throws {@link ErrnoException} as {@link
     * ProcDirectory#readWhole} does; there may be several attempts, each with a collection of its own.
     */
    public static <T> T collect(ProcDirectory process, Supplier<T> collection, BiConsumer<T, MapsCursor> collector) {
        return process.readWhole(ProcDirectory.Entry.MAPS, maps -> {
            T collected = collection.get();
            var cursor = new MapsCursor(maps);
            while (cursor.next()) {
                collector.accept(collected, cursor);
            }
            return collected;
        });
    }

    /** Moves to the next mapping; false after the last. */
    public boolean next() {
        while (lines.next()) {
            if (advance()) {
                return true;
            }
        }
        return false;
    }

    /** Parses the current line; false if it brings no address that was not seen already. */
    boolean advance() {
        position = lines.start();
        address = hexadecimal('-');
        end = hexadecimal(' ');
        protection();
        fileOffset = hexadecimal(' ');
        long major = hexadecimal(':');
        device = major << 32 | hexadecimal(' ');
        inode = decimal();
        skipSpaces();
        if (Long.compareUnsigned(address, end) >= 0) {
            throw unexpected();
        }
        if (Long.compareUnsigned(end, seen) <= 0) {
            return false;
        }
        if (Long.compareUnsigned(address, seen) < 0) {
            beginAt(seen);
        }
        seen = end;
        return true;
    }

    private void protection() {
        readable = flag('r', '-');
        writable = flag('w', '-');
        executable = flag('x', '-');
        shared = flag('s', 'p');
        expect(' ');
    }

    private boolean flag(char set, char unset) {
        boolean isSet = position < lines.end() && lines.bytes()[position] == set;
        expect(isSet ? set : unset);
        return isSet;
    }

    private void expect(char letter) {
        if (position >= lines.end() || lines.bytes()[position] != letter) {
            throw unexpected();
        }
        position++;
    }

    private long hexadecimal(char terminator) {
        byte[] text = lines.bytes();
        int limit = lines.end();
        long value = 0;
        int first = position;
        int at = first;
        while (at < limit) {
            int digit = DIGITS[text[at] & 0xff];
            if (digit == NOT_A_DIGIT) {
                break;
            }
            value = value << 4 | digit;
            at++;
        }
        if (at == first || at - first > 2 * Long.BYTES) {
            throw unexpected();
        }
        position = at;
        expect(terminator);
        return value;
    }

    private long decimal() {
        byte[] text = lines.bytes();
        int limit = lines.end();
        long value = 0;
        int at = position;
        while (at < limit && text[at] >= '0' && text[at] <= '9') {
            value = value * 10 + (text[at] - '0');
            at++;
        }
        if (at == position) {
            throw unexpected();
        }
        position = at;
        return value;
    }

    private void skipSpaces() {
        if (position < lines.end()) {
            expect(' ');
        }
        byte[] text = lines.bytes();
        int limit = lines.end();
        int at = position;
        while (at < limit && text[at] == ' ') {
            at++;
        }
        position = at;
    }

    private IllegalStateException unexpected() {
        String line = new String(lines.bytes(), lines.start(), lines.end() - lines.start(), StandardCharsets.UTF_8);
        return new IllegalStateException("This kernel's /proc/PID/maps has a line Remora does not understand: " + line);
    }

    public long address() {
        return address;
    }

    public long end() {
        return end;
    }

    long device() {
        return device;
    }

    public long byteSize() {
        return end - address;
    }

    public boolean readable() {
        return readable;
    }

    public boolean writable() {
        return writable;
    }

    public boolean executable() {
        return executable;
    }

    public boolean shared() {
        return shared;
    }

    /** Whether the program may do anything with it at all. */
    public boolean accessible() {
        return readable || writable || executable;
    }

    /** Whether the kernel provides the mapping: {@code [vvar]}, {@code [vdso]}, {@code [vsyscall]}. */
    public boolean providedByKernel() {
        return !fileBacked() && !shared && !anonymous();
    }

    /** As {@link Mapping#fileBacked()}. */
    public boolean fileBacked() {
        return inode != 0 || device != 0;
    }

    /** Cuts the current mapping at the borders of a range; false if nothing is left of it. */
    public boolean clip(MemoryRange range) {
        if (Long.compareUnsigned(end, range.address()) <= 0 || Long.compareUnsigned(range.end(), address) <= 0) {
            return false;
        }
        if (Long.compareUnsigned(address, range.address()) < 0) {
            beginAt(range.address());
        }
        if (Long.compareUnsigned(end, range.end()) > 0) {
            end = range.end();
        }
        return true;
    }

    private void beginAt(long later) {
        fileOffset += fileBacked() ? later - address : 0;
        address = later;
    }

    /** Says whether the name is {@code pattern}, in which {@code *} stands for any bytes. */
    public boolean named(byte[] pattern) {
        return Wildcard.matches(pattern, lines.bytes(), position, lines.end());
    }

    /** As {@link Mapping#anonymous()}; only a name in brackets needs a closer look. */
    public boolean anonymous() {
        if (fileBacked() || shared) {
            return false;
        }
        boolean bracketed = position < lines.end() && lines.bytes()[position] == '[';
        return !bracketed || mapping().anonymous();
    }

    public String name() {
        return names.name(lines.bytes(), position, lines.end());
    }

    /** The current mapping as a value of its own. */
    public Mapping mapping() {
        return new Mapping(
                MemoryRange.between(address, end),
                PROTECTIONS[(readable ? 4 : 0) | (writable ? 2 : 0) | (executable ? 1 : 0)],
                shared,
                fileOffset,
                device,
                inode,
                name());
    }
}
