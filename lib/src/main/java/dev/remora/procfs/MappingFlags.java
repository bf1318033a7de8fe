package dev.remora.procfs;

import java.io.InputStream;
import java.util.Arrays;

/** The {@code VmFlags} of the mappings of a process as far as they make the kernel refuse advice. */
public final class MappingFlags {

    private static final int LOCKED = 1;
    private static final int HUGETLB = 2;
    private static final int PAGE_FRAMES = 4;
    private static final byte[] LABEL = {'V', 'm', 'F', 'l', 'a', 'g', 's', ':'};

    private final RangeList mappings;
    private final byte[] flags;

    private MappingFlags(RangeList mappings, byte[] flags) {
        this.mappings = mappings;
        this.flags = flags;
    }

    /**
     * Reads {@code smaps}, for which the kernel walks the page tables of the whole process, or throws {@link
     * dev.remora.syscall.ErrnoException}.
     */
    public static MappingFlags read(ProcDirectory process) {
        return process.readWhole(ProcDirectory.Entry.SMAPS, MappingFlags::parse);
    }

    static MappingFlags parse(InputStream smaps) {
        var lines = new TextLines(smaps);
        var cursor = new MapsCursor(lines);
        var mappings = new RangeList(256);
        byte[] flags = new byte[256];
        boolean unseen = false;
        while (lines.next()) {
            byte first = lines.bytes()[lines.start()];
            if (first < 'A' || first > 'Z') {
                unseen = cursor.advance();
                if (unseen) {
                    mappings.add(cursor.address(), cursor.byteSize());
                }
            } else if (unseen && lines.startsWith(LABEL)) {
                int index = mappings.size() - 1;
                if (index >= flags.length) {
                    flags = Arrays.copyOf(flags, 2 * flags.length);
                }
                flags[index] = flagsOf(lines);
            }
        }
        return new MappingFlags(mappings, Arrays.copyOf(flags, mappings.size()));
    }

    /** Flags are two letters each, set off by spaces. */
    private static byte flagsOf(TextLines lines) {
        byte[] text = lines.bytes();
        byte found = 0;
        for (int i = lines.start() + LABEL.length; i + 1 < lines.end(); i++) {
            if (text[i] != ' ') {
                found |= (byte) flag(text[i], text[i + 1]);
                i++;
            }
        }
        return found;
    }

    private static int flag(byte first, byte second) {
        if (first == 'l' && second == 'o') {
            return LOCKED;
        }
        if (first == 'h' && second == 't') {
            return HUGETLB;
        }
        return first == 'p' && second == 'f' ? PAGE_FRAMES : 0;
    }

    /** {@code mlock}ed. */
    public boolean locked(long address) {
        return has(address, LOCKED);
    }

    /** Made of pages from the hugetlb pool. */
    public boolean hugetlb(long address) {
        return has(address, HUGETLB);
    }

    /** Made of bare page frames: device memory, or what the kernel itself maps. */
    public boolean pageFrames(long address) {
        return has(address, PAGE_FRAMES);
    }

    /** Whether anything was mapped at the address. */
    public boolean mapped(long address) {
        int index = mappings.firstEndingAfter(address);
        return index < mappings.size() && Long.compareUnsigned(mappings.address(index), address) <= 0;
    }

    private boolean has(long address, int flag) {
        return mapped(address) && (flags[mappings.firstEndingAfter(address)] & flag) != 0;
    }
}
