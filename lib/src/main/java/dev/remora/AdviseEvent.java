package dev.remora;

import dev.remora.procfs.RangeList;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Advice for memory of a process. */
@Name("remora.Advise")
@Label("Advise")
@Description("Advice for memory of a process")
final class AdviseEvent extends VerbEvent {

    @Label("Advice")
    String advice;

    @Label("Ranges")
    @Description("Parts of the outcome, or ranges asked for if it failed")
    long ranges;

    @Label("Calls")
    @Description("How often the kernel was asked")
    long calls;

    @Label("Retries")
    @Description("How often it was asked again for what was busy")
    long retries;

    /** Whether somebody records. */
    static boolean recorded() {
        return new AdviseEvent(0, Advice.COLD).isEnabled();
    }

    AdviseEvent(long pid, Advice given) {
        super(pid);
        advice = given.name();
    }

    /** What it is given for, which is told also if it fails. */
    void ask(RangeList asked) {
        ranges = asked.size();
        requestedBytes = asked.totalBytes();
    }

    void fill(AdviceOutcome told) {
        ranges = told.parts().size();
        requestedBytes = told.requestedBytes();
        doneBytes = told.advisedBytes();
    }
}
