package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.RangeList;
import dev.remora.procfs.TrackedWrites;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The mark of a handle, of which there is one at a time, because the kernel has one for each page. */
final class PageMarks {

    private final Kernel kernel;
    private final PinnedProcess process;
    private final AtomicReference<@Nullable PageMark> last = new AtomicReference<>();

    PageMarks(Kernel kernel, PinnedProcess process) {
        this.kernel = kernel;
        this.process = process;
    }

    PageMark mark(RangeList ranges) {
        var mark = new PageMark(process.pid(), ranges);
        last.set(null);
        try {
            TrackedWrites.mark(kernel, process.directory(), mark.marked());
        } catch (ErrnoException failure) {
            throw explained(failure);
        }
        last.set(mark);
        return mark;
    }

    WrittenPages writtenSince(PageMark mark, RangeList ranges) {
        if (last.get() != mark) {
            throw new IllegalArgumentException(
                    "The " + mark + " is not the last one of this RemoteMemory: the kernel keeps"
                            + " one mark for each page, and a later one takes its place. Use the last mark");
        }
        var marked = new RangeList(16);
        var unmarked = new JoinedRanges();
        mark.cut(ranges, marked, unmarked);
        try {
            RangeList found = TrackedWrites.written(kernel, process.directory(), marked);
            var written = new JoinedRanges();
            for (int i = 0; i < found.size(); i++) {
                written.add(found.address(i), found.address(i) + found.byteSize(i));
            }
            return new WrittenPages(written.list(), unmarked.list());
        } catch (ErrnoException failure) {
            throw explained(failure);
        }
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
        return failure;
    }
}
