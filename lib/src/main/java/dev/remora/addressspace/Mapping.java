package dev.remora.addressspace;

import dev.remora.text.Printable;

/**
 * One mapping of a process, as a line of {@code /proc/PID/maps} describes it ({@code proc_pid_maps(5)}).
 *
 * @param range the addresses it covers, whole pages
 * @param protection what the process may do with its pages
 * @param shared whether writes reach the file, or the other processes that map it ({@code MAP_SHARED})
 * @param fileOffset where in the file the mapping begins, in bytes; 0 without a file
 * @param device the device of the file, {@code makedev(3)}'s major and minor number in the upper and lower 32 bits
 * @param inode the inode of the file; 0 without a file
 * @param name the path of the file, or what the kernel calls the mapping ({@code [heap]}, {@code [stack]},
 *     {@code [anon:…]}), or the empty string. It is the kernel's own text: a newline in a path stands as {@code \012},
 *     and {@code " (deleted)"} follows the path of a file that has no name any more
 */
public record Mapping(
        MemoryRange range,
        Protection protection,
        boolean shared,
        long fileOffset,
        long device,
        long inode,
        String name) {

    private static final String DELETED = " (deleted)";

    /** {@return the first address} */
    public long address() {
        return range.address();
    }

    /** {@return the number of bytes, a multiple of the page size} */
    public long byteSize() {
        return range.byteSize();
    }

    /** {@return the first address after the mapping} */
    public long end() {
        return range.end();
    }

    /**
     * {@return whether the mapping is private anonymous memory} Heaps and stacks are; memory that the kernel provides
     * ({@code [vdso]}, {@code [vvar]}) is not, and neither is shared anonymous memory, which the kernel keeps in a file
     * of its own.
     */
    public boolean anonymous() {
        return !fileBacked() && !shared && !providedByKernel();
    }

    /**
     * {@return whether a file is behind the mapping} A file without a name counts: a memfd, System V shared memory,
     * and shared anonymous memory, which the kernel keeps in a file it calls {@code /dev/zero (deleted)}.
     */
    public boolean fileBacked() {
        return inode != 0 || device != 0;
    }

    /** {@return whether the kernel says that the file has no name any more} */
    public boolean deleted() {
        return fileBacked() && name.endsWith(DELETED);
    }

    /** {@return what it is, as far as the kernel tells} Each {@link MappingKind} says how it is recognised. */
    public MappingKind kind() {
        return MappingKind.of(this);
    }

    /**
     * The kernel marks what it installs itself by these names; {@code [heap]}, {@code [stack]} and {@code [anon:…]} are
     * the process's own.
     */
    boolean providedByKernel() {
        return name.startsWith("[v") || name.equals("[uprobes]") || name.equals("[sigpage]");
    }

    /** {@return the mapping as one line} For example {@code 0x7f1200000000-0x7f1204000000 rw-p 64 MiB [heap]}. */
    @Override
    public String toString() {
        return (range + " " + protection + (shared ? "s " : "p ") + ByteSize.format(byteSize()) + " "
                        + Printable.of(name))
                .stripTrailing();
    }
}
