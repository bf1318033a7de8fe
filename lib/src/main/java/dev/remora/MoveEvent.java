package dev.remora;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Moving pages of a process to NUMA nodes. */
@Name("remora.Move")
@Label("Move")
@Description("Moving pages of a process to NUMA nodes")
final class MoveEvent extends VerbEvent {

    @Label("Nodes")
    String nodes = "";

    @Label("Ranges")
    @Description("Parts of the outcome")
    long ranges;

    MoveEvent(long pid) {
        super(pid);
    }

    void fill(MoveOutcome told) {
        nodes = told.nodes().toString();
        ranges = told.pages().parts().size();
        requestedBytes = told.pages().bytesByFate().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        doneBytes = told.movedBytes();
    }
}
