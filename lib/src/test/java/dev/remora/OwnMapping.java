package dev.remora;

import dev.remora.addressspace.MemoryRange;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryMaps;
import dev.remora.syscall.PageSize;
import java.lang.foreign.MemorySegment;

/**
 * Private anonymous memory of this JVM that nobody had before, between pages without access, so that the kernel does not
 * merge it with other memory.
 */
final class OwnMapping implements AutoCloseable {

    private static final MemoryMaps MAPS = new MemoryMaps(LinuxKernel.instance());

    static final long PAGE = PageSize.of(LinuxKernel.instance());

    private final long reserved;
    private final long byteSize;

    private OwnMapping(long reserved, long byteSize) {
        this.reserved = reserved;
        this.byteSize = byteSize;
    }

    /** Maps memory and touches none of it. */
    static OwnMapping of(long byteSize) {
        long reserved = MAPS.reserve(byteSize + 2 * PAGE);
        MAPS.map(reserved + PAGE, byteSize, MemoryMaps.Kind.PRIVATE_ANONYMOUS);
        return new OwnMapping(reserved, byteSize);
    }

    long address() {
        return reserved + PAGE;
    }

    /** The address of a page of it. */
    long page(int index) {
        return address() + index * PAGE;
    }

    /** An address at which nothing can be read. */
    long withoutAccess() {
        return reserved;
    }

    MemoryRange range() {
        return MemoryRange.of(address(), byteSize);
    }

    @SuppressWarnings("restricted")
    MemorySegment segment() {
        return MemorySegment.ofAddress(address()).reinterpret(byteSize);
    }

    OwnMemory memory() {
        return OwnMemory.of(segment());
    }

    void touch() {
        var _ = segment().fill((byte) 1);
    }

    /** Makes a hole of a page. */
    void unmap(int page) {
        MAPS.unmap(page(page), PAGE);
    }

    @Override
    public void close() {
        MAPS.unmap(reserved, byteSize + 2 * PAGE);
    }
}
