package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.syscall.ErrorNumber;
import dev.remora.text.Printable;
import dev.remora.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** How an {@link AdviceOutcome} prints. */
final class OutcomeTable {

    private OutcomeTable() {}

    /** Lists the parts; where they are too many for that, sums them up by what became of them. */
    static String of(AdviceOutcome outcome) {
        var parts = outcome.parts();
        return parts.size() <= TextTable.MOST_ROWS ? list(outcome, parts) : summary(outcome, parts);
    }

    private static String list(AdviceOutcome outcome, List<RangeOutcome> parts) {
        var table = new TextTable(headline(outcome), "<><");
        for (RangeOutcome part : parts) {
            table.row(part.range().toString(), ByteSize.format(part.range().byteSize()), verdict(part));
        }
        return table.toString();
    }

    private static String summary(AdviceOutcome outcome, List<RangeOutcome> parts) {
        var groups = parts.stream()
                .collect(Collectors.groupingBy(
                        OutcomeTable::verdict,
                        LinkedHashMap::new,
                        Collectors.summarizingLong(part -> part.range().byteSize())));
        var table = new TextTable(headline(outcome), ">><");
        groups.forEach((verdict, sizes) ->
                table.row(Printable.count(sizes.getCount(), "part"), ByteSize.format(sizes.getSum()), verdict));
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
                request + ": the process was gone; before that " + ByteSize.format(gone.advisedBytes()) + " advised, "
                        + ByteSize.format(gone.skippedBytes()) + " skipped";
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
