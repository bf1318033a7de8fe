package dev.remora;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The end of a process, and the release of its memory. */
@Name("remora.Release")
@Label("Release")
@Description("The end of a process, and the release of its memory")
final class ReleaseEvent extends VerbEvent {

    ReleaseEvent(long pid) {
        super(pid);
    }

    void fill(ReleaseOutcome told) {
        requestedBytes = told.figures().residentBytesBefore();
        doneBytes = told.released() ? requestedBytes - told.figures().residentBytesAfter() : 0;
    }
}
