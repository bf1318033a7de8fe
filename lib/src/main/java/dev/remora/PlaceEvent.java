package dev.remora;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A memory policy for memory of a process. */
@Name("remora.Place")
@Label("Place")
@Description("A memory policy for memory of a process")
final class PlaceEvent extends VerbEvent {

    @Label("Placement")
    String placement = "";

    @Label("Mechanism")
    String mechanism = "";

    @Label("Ranges")
    @Description("Parts of the outcome")
    long ranges;

    PlaceEvent(long pid) {
        super(pid);
    }

    void fill(PlacementOutcome told) {
        placement = told.placement().toString();
        mechanism = told.mechanism().map(Object::toString).orElse("");
        ranges = told.parts().size();
        requestedBytes = told.requestedBytes();
        doneBytes = told.placedBytes();
    }
}
