package dev.remora;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Copying memory from or to a process. */
@Name("remora.Copy")
@Label("Copy")
@Description("Copying memory from or to a process")
final class CopyEvent extends VerbEvent {

    @Label("Written")
    @Description("Whether memory of the process was written, not read")
    boolean written;

    @Label("Not copied")
    @Description("Ranges that were not copied")
    long uncopiedRanges;

    CopyEvent(long pid, boolean writing) {
        super(pid);
        written = writing;
    }

    void fill(CopyOutcome told) {
        requestedBytes = told.requestedBytes();
        doneBytes = told.copiedBytes();
        uncopiedRanges = told.uncopied().size();
    }
}
