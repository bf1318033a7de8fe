package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.syscall.ErrorNumber;
import java.util.Locale;

/** How an {@link AdviceOutcome} prints. */
final class OutcomeTable {

    private OutcomeTable() {}

    static String of(AdviceOutcome outcome) {
        return PartsTable.of(
                headline(outcome) + effect(outcome), outcome.parts(), RangeOutcome::range, OutcomeTable::verdict);
    }

    private static String headline(AdviceOutcome outcome) {
        String request = outcome.advice() + " of " + ByteSize.format(outcome.requestedBytes());
        return switch (outcome) {
            case AdviceOutcome.NothingSelected nothing -> nothing.advice() + ": nothing matched the selection";
            case AdviceOutcome.Complete _ -> request + ": all advised";
            case AdviceOutcome.Partial some ->
                request + ": " + ByteSize.format(some.advisedBytes()) + " advised, "
                        + ByteSize.format(some.skippedBytes()) + " skipped";
            case AdviceOutcome.ProcessGone _ -> request + ": the process was gone; " + before(outcome);
            case AdviceOutcome.LayoutChanged layout ->
                request + ": nothing was done, " + LayoutGuard.changedIn(layout.changed());
            case AdviceOutcome.InDoubt doubt ->
                headline(doubt.outcome()) + "; meanwhile " + LayoutGuard.changedIn(doubt.doubtful());
            case AdviceOutcome.Stopped stopped ->
                request + ": " + stopped.cause().toString().toLowerCase(Locale.ROOT) + "; " + before(outcome);
        };
    }

    private static String effect(AdviceOutcome outcome) {
        return outcome.effect().map(effect -> "; " + effect).orElse("");
    }

    private static String before(AdviceOutcome outcome) {
        return "before that " + ByteSize.format(outcome.advisedBytes()) + " advised, "
                + ByteSize.format(outcome.skippedBytes()) + " skipped";
    }

    private static String verdict(RangeOutcome part) {
        return switch (part) {
            case RangeOutcome.Advised _ -> "advised";
            case RangeOutcome.Skipped skipped ->
                "skipped: " + skipped.reason().explanation()
                        + (skipped.reason() == SkipReason.REFUSED ? ", " + ErrorNumber.describe(skipped.errno()) : "");
            case RangeOutcome.NotReached _ -> "not reached";
        };
    }
}
