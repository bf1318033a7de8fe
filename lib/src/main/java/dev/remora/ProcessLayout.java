package dev.remora;

import dev.remora.process.PinnedProcess;
import dev.remora.procfs.Layout;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a process maps, and what else its files tell of that; read only when something was refused. */
final class ProcessLayout {

    private final PinnedProcess process;
    private final Snapshot<Layout> layout;
    private boolean processGone;

    ProcessLayout(PinnedProcess process) {
        this.process = process;
        layout = snapshot(Layout::read);
    }

    <T> Snapshot<T> snapshot(Function<ProcDirectory, T> reader) {
        return new Snapshot<>(() -> reader.apply(process.directory()));
    }

    /** Cuts a range at the borders of the mappings; null if the layout cannot be read. */
    @Nullable
    RangeList parts(long address, long byteSize) {
        Layout known = read(layout);
        return known == null ? null : known.split(address, byteSize);
    }

    /** Null if it cannot be read. */
    <T> @Nullable T read(Snapshot<T> snapshot) {
        try {
            return snapshot.current();
        } catch (ErrnoException failure) {
            processGone = ProcDirectory.meansGone(failure);
            return null;
        }
    }

    /** Whether something could not be read because the process is gone. */
    boolean processGone() {
        return processGone;
    }
}
