package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.ProcessVm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory of this process that is copied from or to. Native memory the kernel takes as it is; what is on the Java heap, which the
 * collector moves, goes through a small piece of native memory.
 */
final class LocalMemory {

    private static final long BOUNCE = 1 << 20;

    private final MemorySegment segment;
    private final boolean target;

    private LocalMemory(MemorySegment segment, boolean target) {
        this.segment = segment;
        this.target = target;
    }

    /** To copy into. */
    static LocalMemory target(MemorySegment segment) {
        return new LocalMemory(segment, true);
    }

    /** To copy from. */
    static LocalMemory source(MemorySegment segment) {
        return new LocalMemory(segment, false);
    }

    long byteSize() {
        return segment.byteSize();
    }

    /** Throws if the kernel does not reach it either: then its answer says nothing of the other process. */
    void requireReachable(Kernel kernel, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            var here = new IoVectors(arena, 1);
            var there = new IoVectors(arena, 1);
            here.add(arena.allocate(1).address(), 1);
            there.add(segment.address() + offset, 1);
            if (direct() && ProcessVm.read(kernel, new OwnProcess(kernel).pid(), here, there) == -Linux.EFAULT()) {
                throw new IllegalArgumentException("The memory segment " + segment + " is not there from byte " + offset
                        + " on, where the copy ended: the file behind it has become shorter, or nothing is mapped"
                        + " there. Give one that is there as a whole");
            }
        }
    }

    private boolean direct() {
        return segment.isNative();
    }

    Window window(Arena arena) {
        return direct()
                ? new Window(segment, segment.byteSize())
                : new Window(arena.allocate(Math.min(BOUNCE, segment.byteSize())), BOUNCE);
    }

    /** What the kernel sees of it: all, or the piece that goes through native memory at a time. */
    final class Window {

        private final MemorySegment seen;
        private final long mostBytes;

        private Window(MemorySegment seen, long mostBytes) {
            this.seen = seen;
            this.mostBytes = mostBytes;
        }

        long mostBytes() {
            return mostBytes;
        }

        /** Returns the address of a part of the memory, filled if it is copied from. */
        long open(long offset, long byteSize) {
            if (direct()) {
                return segment.address() + offset;
            }
            if (!target) {
                MemorySegment.copy(segment, offset, seen, 0, byteSize);
            }
            return seen.address();
        }

        /** Keeps what has arrived. */
        void close(long offset, long byteSize) {
            if (target && !direct()) {
                MemorySegment.copy(seen, 0, segment, offset, byteSize);
            }
        }

        /** Makes nothing of what has arrived, from whomever. */
        void forget(long offset, long byteSize) {
            if (target) {
                segment.asSlice(offset, byteSize).fill((byte) 0);
            }
        }
    }
}
