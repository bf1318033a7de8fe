package dev.remora;

import java.util.function.Consumer;
import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;

/** What Java Flight Recorder is told of a verb, while somebody records. */
@Category("Remora")
@StackTrace(false)
abstract class VerbEvent extends Event {

    @Label("Process")
    @Description("The number of the process whose memory this is about")
    long pid;

    @Label("Requested")
    @DataAmount
    long requestedBytes;

    @Label("Done")
    @DataAmount
    long doneBytes;

    @Label("Outcome")
    @Description("The type of the outcome, or of the exception")
    String outcome = "";

    VerbEvent(long pid) {
        this.pid = pid;
    }

    /**
     * Does it, and tells of it.
     *
     * @param details fills in the event from the outcome, if somebody records
     */
    final <T> T watch(Supplier<T> verb, Consumer<? super T> details) {
        begin();
        try {
            T result = verb.get();
            end();
            if (shouldCommit()) {
                details.accept(result);
                tell(result);
            }
            return result;
        } catch (RuntimeException | Error failure) {
            end();
            if (shouldCommit()) {
                tell(failure);
            }
            throw failure;
        }
    }

    private void tell(Object result) {
        outcome = result.getClass().getSimpleName();
        commit();
    }
}
