package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.process.HeldNumber;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MappedAccess.Access;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.Architecture;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MemoryFile;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;

/** Copies memory from and to a process. Failures are {@link ErrnoException}. */
final class Copying {

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long pageSize;

    Copying(Kernel kernel, PinnedProcess process, long pageSize) {
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
    }

    /** Refuses what cannot be read whole into an array. */
    static void requireArraySize(MemoryRange range) {
        if (range.byteSize() > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("A byte array has at most " + (Integer.MAX_VALUE - 8)
                    + " bytes, and the range " + range + " has " + range.byteSize()
                    + ": read it into a MemorySegment, or in parts");
        }
    }

    static MemoryRange rangeOf(long address, long byteSize) {
        if (byteSize == 0) {
            throw new IllegalArgumentException("There are no bytes to be written: give at least one");
        }
        return MemoryRange.of(address, byteSize);
    }

    /** Refuses ranges that are not in user space, or not as long together as the memory here. */
    static List<MemoryRange> checked(List<MemoryRange> ranges, MemorySegment local) {
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("No ranges were given: name at least one");
        }
        long end = Architecture.ofThisMachine().userSpaceEnd();
        long total = 0;
        for (MemoryRange range : ranges) {
            if (range.address() < 0 || range.end() < 0 || range.end() > end) {
                throw new IllegalArgumentException(
                        "The range " + range + " is not in user space, which ends at 0x" + Long.toHexString(end)
                                + " at the latest: only the memory of the process itself can be copied");
            }
            total += range.byteSize();
            if (total < 0) {
                throw new IllegalArgumentException("The ranges have more than " + Long.MAX_VALUE
                        + " bytes together, and no memory segment is that large: copy them in parts");
            }
        }
        if (total != local.byteSize()) {
            throw new IllegalArgumentException("The memory segment has " + local.byteSize() + " bytes, and the "
                    + (ranges.size() == 1 ? "range " + ranges.getFirst() + " has " : "ranges have ") + total
                    + ": both must be the same; asSlice(0, size) makes a smaller segment of a larger one");
        }
        if (!local.scope().isAlive() || !local.isAccessibleBy(Thread.currentThread())) {
            throw new IllegalArgumentException("The memory segment " + local
                    + " was closed, or belongs to another thread: give one that this thread may use");
        }
        return List.copyOf(ranges);
    }

    static void requireWritable(MemorySegment target) {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("The memory segment " + target + " is read-only: give one to copy into");
        }
    }

    CopyOutcome read(List<MemoryRange> ranges, MemorySegment target) {
        var run = new CopyRun(kernel, process, ranges, LocalMemory.target(target), Access.READABLE, pageSize);
        try {
            run.goOn(new CopyCall.Reading(kernel, process));
            return run.outcome();
        } finally {
            Reference.reachabilityFence(target);
        }
    }

    CopyOutcome write(List<MemoryRange> ranges, MemorySegment source) {
        var run = new CopyRun(kernel, process, ranges, LocalMemory.source(source), Access.WRITABLE, pageSize);
        try {
            var _ = HeldNumber.with(kernel, process, number -> {
                run.goOn(new CopyCall.HeldWriting(kernel, process, number));
                return run;
            });
            if (!run.done()) {
                writeByFile(run);
            }
            return run.outcome();
        } finally {
            Reference.reachabilityFence(source);
        }
    }

    /** Where the number cannot be held. */
    private void writeByFile(CopyRun run) {
        try (var file = new MemoryFile(kernel, process.directory().descriptorForWriting(ProcDirectory.Entry.MEM))) {
            run.goOn(new CopyCall.FileWriting(process, file));
        } catch (ErrnoException failure) {
            if (!ProcDirectory.meansGone(failure)) {
                throw failure;
            }
            run.giveUp();
        }
    }

    /** Throws for what was asked for as a whole, and is not. */
    static void requireComplete(CopyOutcome outcome, long pid) {
        switch (outcome) {
            case CopyOutcome.Complete _ -> {}
            case CopyOutcome.ProcessGone _ -> throw Failures.ended(pid, null);
            case CopyOutcome.Partial partial ->
                throw new IncompleteCopyException(
                        "Of " + ByteSize.format(partial.requestedBytes()) + " of process " + pid + ", "
                                + ByteSize.format(partial.requestedBytes() - partial.copiedBytes())
                                + " could not be copied: "
                                + partial.uncopied().getFirst().range() + " "
                                + partial.uncopied().getFirst().obstacle().explanation()
                                + ". Copy with a MemorySegment to have the rest, or select what is mapped",
                        partial);
        }
    }
}
