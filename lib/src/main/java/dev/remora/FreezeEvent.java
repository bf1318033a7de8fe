package dev.remora;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** An action for which a process stood still. */
@Name("remora.Freeze")
@Label("Freeze")
@Description("An action for which a process stood still")
final class FreezeEvent extends VerbEvent {

    @Label("Method")
    String method = "";

    @Label("Standstill")
    @Description("How long the process stood still at most; 0 if it did not, or somebody else let it run on")
    @Timespan
    long standstill;

    FreezeEvent(long pid) {
        super(pid);
    }

    void fill(FrozenOutcome<?> told) {
        method = told.method().name();
        standstill = switch (told) {
            case FrozenOutcome.Done<?> done -> done.standstill().toNanos();
            case FrozenOutcome.TimedOut<?> late -> late.standstill().toNanos();
            case FrozenOutcome.Disturbed<?> _, FrozenOutcome.NotFrozen<?> _, FrozenOutcome.ProcessGone<?> _ -> 0;
        };
    }
}
