package dev.remora.procfs;

import java.util.BitSet;

/** What a process may do with its memory where, when that was read. */
public final class MappedAccess {

    /** What it may do. */
    public enum Access {
        READABLE,
        WRITABLE
    }

    private final RangeList mappings = new RangeList(256);
    private final BitSet granted = new BitSet();

    private MappedAccess() {}

    /** Reads {@code maps}, or throws {@link dev.remora.syscall.ErrnoException}. */
    public static MappedAccess read(ProcDirectory process, Access access) {
        return MapsCursor.collect(process, MappedAccess::new, (all, maps) -> all.add(maps, access));
    }

    private void add(MapsCursor maps, Access access) {
        granted.set(mappings.size(), access == Access.READABLE ? maps.readable() : maps.writable());
        mappings.add(maps.address(), maps.byteSize());
    }

    /** Says whether something is mapped at an address. */
    public boolean mapped(long address) {
        return mappings.covers(address);
    }

    /** Says whether the process may do it at an address. */
    public boolean granted(long address) {
        return mapped(address) && granted.get(mappings.firstEndingAfter(address));
    }

    /** Where the mapping ends that an address lies in, or the hole; a hole above all mappings ends with the addresses. */
    public long end(long address) {
        int index = mappings.firstEndingAfter(address);
        if (index == mappings.size()) {
            return -1;
        }
        return mapped(address) ? mappings.address(index) + mappings.byteSize(index) : mappings.address(index);
    }
}
