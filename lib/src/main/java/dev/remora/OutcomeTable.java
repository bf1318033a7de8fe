package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.syscall.ErrorNumber;
import dev.remora.text.TextTable;

/** How an {@link AdviceOutcome} prints. */
final class OutcomeTable {

    private OutcomeTable() {}

    static String of(AdviceOutcome outcome) {
        var table = new TextTable(headline(outcome), "<><");
        var parts = outcome.parts();
        for (int i = 0; i < parts.size() && !table.full(); i++) {
            RangeOutcome part = parts.get(i);
            table.row(part.range().toString(), ByteSize.format(part.range().byteSize()), verdict(part));
        }
        table.leaveOut(Math.max(0, parts.size() - TextTable.MOST_ROWS));
        return table.toString();
    }

    private static String headline(AdviceOutcome outcome) {
        String request = outcome.advice() + " of " + ByteSize.format(outcome.requestedBytes());
        return switch (outcome) {
            case AdviceOutcome.NothingSelected nothing -> nothing.advice() + ": nothing matched the selection";
            case AdviceOutcome.Complete _ -> request + ": all advised";
            case AdviceOutcome.Partial some ->
                request + ": " + ByteSize.format(some.advisedBytes()) + " advised, "
                        + ByteSize.format(some.skippedBytes()) + " skipped";
            case AdviceOutcome.ProcessGone gone ->
                request + ": the process was gone; before that " + ByteSize.format(gone.advisedBytes())
                        + " advised, " + ByteSize.format(gone.skippedBytes()) + " skipped";
        };
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
