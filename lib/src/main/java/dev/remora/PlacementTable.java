package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.syscall.ErrorNumber;

/** How a {@link PlacementOutcome} prints. */
final class PlacementTable {

    private PlacementTable() {}

    static String of(PlacementOutcome outcome) {
        return PartsTable.of(headline(outcome), outcome.parts(), PlacedRange::range, PlacementTable::verdict);
    }

    private static String headline(PlacementOutcome outcome) {
        String request = outcome.placement() + " for " + ByteSize.format(outcome.requestedBytes())
                + outcome.mechanism().map(mechanism -> " (" + mechanism + ")").orElse("");
        return switch (outcome) {
            case PlacementOutcome.NothingSelected _ -> outcome.placement() + ": nothing matched the selection";
            case PlacementOutcome.Complete all -> request + ": all placed" + figures(all.figures());
            case PlacementOutcome.Partial some ->
                request + ": " + ByteSize.format(some.placedBytes()) + " placed, "
                        + ByteSize.format(some.skippedBytes()) + " skipped" + figures(some.figures());
            case PlacementOutcome.ProcessGone gone ->
                request + ": the process was gone; before that " + ByteSize.format(gone.placedBytes()) + " placed, "
                        + ByteSize.format(gone.skippedBytes()) + " skipped";
            case PlacementOutcome.LayoutChanged layout ->
                request + ": nothing was done, " + LayoutGuard.changedIn(layout.changed());
            case PlacementOutcome.InDoubt doubt ->
                headline(doubt.outcome()) + "; meanwhile " + LayoutGuard.changedIn(doubt.doubtful());
            case PlacementOutcome.NotInjected not ->
                request + ": not done, " + not.obstacle().explanation()
                        + (not.tracerPid().isPresent()
                                ? " (process " + not.tracerPid().getAsLong() + ")"
                                : "");
        };
    }

    private static String figures(PlacementFigures figures) {
        return ", " + ByteSize.format(figures.confirmedBytes()) + " confirmed, " + ByteSize.format(figures.movedBytes())
                + " moved";
    }

    private static String verdict(PlacedRange range) {
        return switch (range) {
            case PlacedRange.Placed _ -> "placed";
            case PlacedRange.PlacedNotMoved _ -> "placed, but not all of its pages could be moved";
            case PlacedRange.PlacedWithoutHomeNode part ->
                "placed, but without the home node: "
                        + (part.errno() == 0
                                ? SkipReason.NOT_INJECTED.explanation()
                                : ErrorNumber.describe(part.errno()));
            case PlacedRange.Skipped skipped ->
                "skipped: " + skipped.reason().explanation()
                        + (skipped.reason() == SkipReason.REFUSED ? ", " + ErrorNumber.describe(skipped.errno()) : "");
            case PlacedRange.NotReached _ -> "not reached";
        };
    }
}
