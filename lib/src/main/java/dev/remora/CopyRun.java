package dev.remora;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MappedAccess;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.Kernel;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Copies ranges of a process, one after the other, from or to one piece of memory here, in as few calls as the kernel allows,
 * and goes on behind what it does not reach. Failures are {@link ErrnoException}, as long as nothing was done.
 */
final class CopyRun {

    private final Kernel kernel;
    private final List<MemoryRange> ranges;
    private final LocalMemory local;
    private final Snapshot<MappedAccess> access;
    private final long pageSize;
    private final CopyObstacle withoutAccess;
    private final UncopiedRanges uncopied = new UncopiedRanges();

    /** How far it has got. */
    private int range;

    private long offset;
    private long localOffset;
    private boolean began;
    private boolean gone;

    CopyRun(
            Kernel kernel,
            PinnedProcess process,
            List<MemoryRange> ranges,
            LocalMemory local,
            MappedAccess.Access needed,
            long pageSize) {
        this.kernel = kernel;
        this.ranges = ranges;
        this.local = local;
        this.pageSize = pageSize;
        access = new Snapshot<>(() -> MappedAccess.read(process.directory(), needed));
        withoutAccess = needed == MappedAccess.Access.READABLE ? CopyObstacle.NOT_READABLE : CopyObstacle.NOT_WRITABLE;
    }

    boolean done() {
        return range == ranges.size();
    }

    CopyOutcome outcome() {
        long requested = local.byteSize();
        if (gone) {
            return new CopyOutcome.ProcessGone(requested, uncopied.list());
        }
        return uncopied.list().isEmpty()
                ? new CopyOutcome.Complete(requested)
                : new CopyOutcome.Partial(requested, uncopied.list());
    }

    /** Goes on to the end, or until the call is not ready any more. */
    void goOn(CopyCall call) {
        try (Arena arena = Arena.ofConfined()) {
            var here = new IoVectors(arena, 1);
            var there = new IoVectors(arena, IoVectors.MAX_RANGES);
            LocalMemory.Window window = local.window(arena);
            while (!done() && call.ready()) {
                long byteSize = collect(there, Math.min(window.mostBytes(), call.mostBytes(pageSize)));
                here.clear();
                here.add(window.open(localOffset, byteSize), byteSize);
                long result = call.copy(here, there);
                if (result > 0) {
                    window.close(localOffset, result);
                    began = true;
                    advance(result);
                } else if (result != -Linux.EINTR()) {
                    if (result == -Linux.ESRCH()) {
                        window.forget(localOffset, byteSize);
                    }
                    settle(call, result);
                }
            }
        }
    }

    /** Fills the vector from where it has got to, and returns the bytes. */
    private long collect(IoVectors there, long most) {
        there.clear();
        long total = 0;
        for (int i = range; i < ranges.size() && total < most && there.size() < IoVectors.MAX_RANGES; i++) {
            long from = i == range ? offset : 0;
            long byteSize = Math.min(ranges.get(i).byteSize() - from, most - total);
            there.add(ranges.get(i).address() + from, byteSize);
            total += byteSize;
        }
        return total;
    }

    private void advance(long byteSize) {
        long left = byteSize;
        localOffset += byteSize;
        while (left > 0) {
            long rest = ranges.get(range).byteSize() - offset;
            if (left < rest) {
                offset += left;
                return;
            }
            left -= rest;
            range++;
            offset = 0;
        }
    }

    private void settle(CopyCall call, long result) {
        if (result == -Linux.EFAULT() || result == 0) {
            leaveOut();
        } else if (result == -Linux.ESRCH()) {
            giveUp();
        } else if (began && (result == -Linux.EPERM() || result == -Linux.EACCES())) {
            leaveOutRest(CopyObstacle.NOT_PERMITTED);
        } else if (began && result == -Linux.ENOMEM()) {
            leaveOutRest(CopyObstacle.OUT_OF_MEMORY);
        } else {
            throw new ErrnoException(call.name(), position(), (int) -result);
        }
    }

    /** The process is gone. */
    void giveUp() {
        gone = true;
        leaveOutRest(CopyObstacle.PROCESS_GONE);
    }

    private String position() {
        return "0x" + Long.toHexString(address()) + ", " + (local.byteSize() - localOffset) + " bytes";
    }

    private long address() {
        return ranges.get(range).address() + offset;
    }

    /** Leaves out what cannot be reached: a page, or as much as the mappings say. */
    private void leaveOut() {
        long address = address();
        try {
            MappedAccess known = access.current();
            if (!known.mapped(address)) {
                leaveOutTo(known.end(address), CopyObstacle.HOLE);
            } else if (!known.granted(address)) {
                leaveOutTo(known.end(address), withoutAccess);
            } else {
                local.requireReachable(kernel, localOffset);
                leaveOutTo((address | pageSize - 1) + 1, CopyObstacle.UNREACHABLE);
            }
        } catch (ErrnoException unreadable) {
            leaveOutTo((address | pageSize - 1) + 1, CopyObstacle.UNREACHABLE);
        }
    }

    private void leaveOutTo(long end, CopyObstacle obstacle) {
        var whole = ranges.get(range);
        long to = Long.compareUnsigned(end, whole.end()) < 0 ? end : whole.end();
        long byteSize = to - address();
        uncopied.add(address(), byteSize, offset == 0, obstacle);
        advance(byteSize);
    }

    private void leaveOutRest(CopyObstacle obstacle) {
        while (!done()) {
            leaveOutTo(ranges.get(range).end(), obstacle);
        }
    }
}
