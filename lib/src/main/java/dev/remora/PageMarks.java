package dev.remora;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.Layout;
import dev.remora.procfs.RangeList;
import dev.remora.procfs.ReferencedBits;
import dev.remora.procfs.TrackedWrites;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * The marks of a handle: one at a time for writes, and one for use, because the kernel has one for each page. One thread at a time
 * sets them.
 */
final class PageMarks {

    private final Kernel kernel;
    private final PinnedProcess process;

    @GuardedBy("this")
    private @Nullable PageMark last;

    @GuardedBy("this")
    private @Nullable UseMark lastOfUse;

    PageMarks(Kernel kernel, PinnedProcess process) {
        this.kernel = kernel;
        this.process = process;
    }

    synchronized PageMark mark(RangeList ranges) {
        PageMark mark = new PageMark(process.pid(), ranges).mapped(Layout.read(process.directory()));
        last = null;
        try {
            TrackedWrites.mark(kernel, process.directory(), mark.marked());
        } catch (ErrnoException failure) {
            throw explained(failure);
        }
        last = mark;
        return mark;
    }

    synchronized WrittenPages writtenSince(PageMark mark, RangeList ranges) {
        if (!mark.equals(last)) {
            throw new IllegalArgumentException(
                    "The " + mark + " is not the last one of this RemoteMemory: the kernel keeps"
                            + " one mark for each page, and a later one takes its place. Use the last mark");
        }
        var marked = new RangeList(16);
        mark.cut(ranges, marked, new JoinedRanges());
        try {
            RangeList found = TrackedWrites.written(kernel, process.directory(), marked);
            var unmarked = new JoinedRanges();
            mark.mapped(Layout.read(process.directory())).cut(ranges, new RangeList(16), unmarked);
            var written = new JoinedRanges();
            for (int i = 0; i < found.size(); i++) {
                written.add(found.address(i), found.address(i) + found.byteSize(i));
            }
            return new WrittenPages(written.list(), unmarked.list());
        } catch (ErrnoException failure) {
            throw explained(failure);
        }
    }

    /** The file of a process that has ended takes what is written to it as well. */
    synchronized UseMark markUse(UseMark.Pages pages) {
        ReferencedBits.clear(kernel, process.directory(), pages.bits());
        if (process.gone()) {
            throw new ErrnoException("write", "clear_refs of memory that was given up", Linux.ESRCH());
        }
        var mark = new UseMark(process.pid(), pages);
        lastOfUse = mark;
        return mark;
    }

    synchronized ColdMemory whatIsCold(UseMark mark, RangeList ranges) {
        if (!mark.equals(lastOfUse)) {
            throw new IllegalArgumentException(
                    "The " + mark + " is not the last one of this RemoteMemory, and a later one"
                            + " takes its place: use the mark that markUse returned last");
        }
        return ColdMappings.of(process.directory(), mark, ranges);
    }

    private RuntimeException explained(ErrnoException failure) {
        if (!failure.call().equals(TrackedWrites.CALL)) {
            return failure;
        }
        if (failure.errno() == Linux.ENOTTY()) {
            return new UnsupportedKernelException(
                    failure.getMessage() + ". It needs Linux 6.7, and this is " + System.getProperty("os.version"),
                    failure);
        }
        if (failure.errno() == Linux.EPERM()) {
            return new WritesNotTrackedException(
                    failure.getMessage() + ". Process " + process.pid()
                            + " does not have its writes to all of this memory"
                            + " tracked. It has to ask for that itself: userfaultfd with UFFD_FEATURE_WP_ASYNC and"
                            + " UFFD_FEATURE_WP_UNPOPULATED, and UFFDIO_REGISTER with UFFDIO_REGISTER_MODE_WP for the"
                            + " range; SandboxedProcess.trackWrites(range) does it. Select only such memory",
                    failure);
        }
        if (failure.errno() == Linux.EIO()) {
            return new WritesNotTrackedException(
                    failure.getMessage() + ". Process " + process.pid()
                            + " has pages of hugetlbfs there, which the kernel marks only as a whole, and those of 1"
                            + " GiB not at all. Select whole pages of that size, or other memory",
                    failure);
        }
        return failure;
    }
}
