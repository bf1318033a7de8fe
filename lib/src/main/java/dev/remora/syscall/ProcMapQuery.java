package dev.remora.syscall;

import dev.remora.bindings.Linux;
import dev.remora.bindings.procmap_query;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code PROCMAP_QUERY}, Linux 6.11: an ioctl of {@code /proc/PID/maps} that finds one mapping by an address. It sees the
 * mappings that the process has itself, so not {@code [vsyscall]}; names are raw, a newline is a newline.
 */
public final class ProcMapQuery {

    public static final String CALL = "ioctl PROCMAP_QUERY";

    /** {@code PATH_MAX}: the kernel uses no more of the space for a name. */
    public static final int LONGEST_NAME = 4096;

    /** {@code BUILD_ID_SIZE_MAX}, in one page with the rest. */
    private static final int LONGEST_BUILD_ID = 20;

    private final Kernel kernel;
    private final MemorySegment query;
    private final MemorySegment name;
    private final MemorySegment buildId;
    private long flags;
    private boolean withBuildId;

    /** Makes room for names of so many bytes, with the zero behind them; 0 if names do not matter. */
    public ProcMapQuery(Kernel kernel, Arena arena, int nameBytes) {
        this.kernel = kernel;
        long queryBytes = procmap_query.layout().byteSize();
        MemorySegment all = arena.allocate(queryBytes + LONGEST_BUILD_ID + nameBytes, Long.BYTES);
        query = all.asSlice(0, queryBytes);
        buildId = all.asSlice(queryBytes, LONGEST_BUILD_ID);
        name = all.asSlice(queryBytes + LONGEST_BUILD_ID);
    }

    /** Finds only what has these properties. */
    public void require(boolean readable, boolean writable, boolean executable, boolean shared, boolean fileBacked) {
        flags |= readable ? Linux.PROCMAP_QUERY_VMA_READABLE() : 0;
        flags |= writable ? Linux.PROCMAP_QUERY_VMA_WRITABLE() : 0;
        flags |= executable ? Linux.PROCMAP_QUERY_VMA_EXECUTABLE() : 0;
        flags |= shared ? Linux.PROCMAP_QUERY_VMA_SHARED() : 0;
        flags |= fileBacked ? Linux.PROCMAP_QUERY_FILE_BACKED_VMA() : 0;
    }

    /** Finds the next mapping if the address is in none that will do. */
    public void orNext() {
        flags |= Linux.PROCMAP_QUERY_COVERING_OR_NEXT_VMA();
    }

    /** Finds the build id of the file too, which the kernel reads for it. */
    public void withBuildId() {
        withBuildId = true;
    }

    /** Returns 0 or −errno. The kernel answers ENAMETOOLONG where a name does not fit, and its header says E2BIG. */
    public long call(Descriptor maps, long address) {
        long result;
        do {
            procmap_query.size(query, query.byteSize());
            procmap_query.query_flags(query, flags);
            procmap_query.query_addr(query, address);
            procmap_query.vma_name_size(query, (int) name.byteSize());
            procmap_query.vma_name_addr(query, name.byteSize() == 0 ? 0 : name.address());
            procmap_query.build_id_size(query, withBuildId ? LONGEST_BUILD_ID : 0);
            procmap_query.build_id_addr(query, withBuildId ? buildId.address() : 0);
            result = kernel.call(Syscall.IOCTL, maps.number(), Linux.PROCMAP_QUERY(), query.address());
        } while (result == -Linux.EINTR());
        return result;
    }

    /** Says whether the answer was that the name does not fit. */
    public static boolean meansTooLong(long result) {
        return result == -Linux.ENAMETOOLONG() || result == -Linux.E2BIG();
    }

    /** Says whether the answer was that the kernel is older, or that a filter keeps the call from it. */
    public static boolean meansUnknown(long result) {
        return result == -Linux.ENOTTY() || result == -Linux.ENOSYS() || result == -Linux.EPERM();
    }

    /** Says whether the answer was that there is no such mapping. */
    public static boolean meansNone(long result) {
        return result == -Linux.ENOENT();
    }

    /** Says whether the answer was that the memory is gone that the file was opened for. */
    public static boolean meansGone(long result) {
        return result == -Linux.ESRCH();
    }

    public long start() {
        return procmap_query.vma_start(query);
    }

    public long end() {
        return procmap_query.vma_end(query);
    }

    public long fileOffset() {
        return procmap_query.vma_offset(query);
    }

    /** Major number in the upper, minor number in the lower 32 bits. */
    public long device() {
        return Integer.toUnsignedLong(procmap_query.dev_major(query)) << 32
                | Integer.toUnsignedLong(procmap_query.dev_minor(query));
    }

    public long inode() {
        return procmap_query.inode(query);
    }

    public boolean readable() {
        return has(Linux.PROCMAP_QUERY_VMA_READABLE());
    }

    public boolean writable() {
        return has(Linux.PROCMAP_QUERY_VMA_WRITABLE());
    }

    public boolean executable() {
        return has(Linux.PROCMAP_QUERY_VMA_EXECUTABLE());
    }

    public boolean shared() {
        return has(Linux.PROCMAP_QUERY_VMA_SHARED());
    }

    private boolean has(int flag) {
        return (procmap_query.vma_flags(query) & flag) != 0;
    }

    /** Its bytes; the size that the kernel gives counts the zero behind them. */
    public byte[] name() {
        int size = procmap_query.vma_name_size(query);
        return size == 0 ? new byte[0] : name.asSlice(0, size - 1L).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Its bytes; none if there is no file, or no build id in it. */
    public byte[] buildId() {
        return buildId.asSlice(0, procmap_query.build_id_size(query)).toArray(ValueLayout.JAVA_BYTE);
    }
}
