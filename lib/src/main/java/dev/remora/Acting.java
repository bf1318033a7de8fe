package dev.remora;

import dev.remora.numa.NodeSet;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import java.util.List;
import java.util.Optional;

/** Carries out verbs on a process that is open: the guard of the layout around them, their events, and why they failed. */
record Acting(OpenedProcess process) {

    /** Borrows by hand: work to be lent for would be an object each time, and advice that is repeated takes none. */
    AdviceOutcome advise(Selection selection, Advice advice, AdviceManner manner) {
        process.pinned().borrow();
        try {
            return adviseAgainOrAnew(selection, advice, manner);
        } finally {
            process.pinned().giveBack();
        }
    }

    private AdviceOutcome adviseAgainOrAnew(Selection selection, Advice advice, AdviceManner manner) {
        if (!manner.usual() || Advising.watched()) {
            return advise(selection, advice, manner, 0);
        }
        RepeatedAdvice repeated = selection.repeated(advice);
        long done = repeated == null ? 0 : repeated.give(process.kernel(), process.pinned());
        if (repeated != null && done == repeated.outcome().advisedBytes()) {
            return repeated.outcome();
        }
        AdviceOutcome outcome = advise(selection, advice, manner, done);
        selection.given(outcome);
        return outcome;
    }

    private AdviceOutcome advise(Selection selection, Advice advice, AdviceManner manner, long done) {
        var event = new AdviseEvent(process.pid(), advice);
        return event.watch(
                () -> selection.guarded(some -> adviseNow(some, advice, manner, done, event), LayoutWords.of(advice)),
                event::fill);
    }

    private AdviceOutcome adviseNow(
            Selection selection, Advice advice, AdviceManner manner, long done, AdviseEvent event) {
        try {
            return advising(manner).give(advice, selection.ranges(), done, event);
        } catch (ErrnoException failure) {
            if (ProcDirectory.meansGone(failure)) {
                return new AdviceOutcome.ProcessGone(advice, List.of(), 0, 0, 0);
            }
            throw Failures.advising(process.rights(), failure);
        }
    }

    VerbPlan plan(Selection selection, Advice advice, AdviceManner manner) {
        return process.lend(
                () -> advising(manner).plan(advice, selection.ranges(), selection.reads()), process::pagesUnreadable);
    }

    private Advising advising(AdviceManner manner) {
        return new Advising(process.kernel(), process.pinned(), process.pageSize(), manner);
    }

    PlacementOutcome place(Selection selection, Placement placement, Mechanism mechanism) {
        var event = new PlaceEvent(process.pid());
        return process.lend(() -> event.watch(
                () -> selection.guarded(
                        some -> placeNow(some, placement, mechanism), LayoutWords.of(placement, mechanism)),
                event::fill));
    }

    private PlacementOutcome placeNow(Selection selection, Placement placement, Mechanism mechanism) {
        try {
            return new Placing(process.kernel(), process.pinned(), process.pageSize(), placement)
                    .remotely(selection, mechanism);
        } catch (ErrnoException failure) {
            if (ProcDirectory.meansGone(failure)) {
                return new PlacementOutcome.ProcessGone(placement, Optional.of(mechanism), List.of(), 0, 0, 0);
            }
            throw Failures.placing(process.rights(), failure);
        }
    }

    MoveOutcome moveTo(Selection selection, NodeSet nodes, boolean sharedToo) {
        var event = new MoveEvent(process.pid());
        return process.lend(() -> event.watch(
                () -> selection.guarded(some -> moveNow(some, nodes, sharedToo), LayoutWords.of(nodes)), event::fill));
    }

    private MoveOutcome moveNow(Selection selection, NodeSet nodes, boolean sharedToo) {
        try {
            return moving().move(selection.ranges(), nodes, sharedToo);
        } catch (ErrnoException failure) {
            if (ProcDirectory.meansGone(failure)) {
                return new MoveOutcome.ProcessGone(nodes, PageTally.NONE);
            }
            throw Failures.placing(process.rights(), failure);
        }
    }

    PageLocations locate(Selection selection) {
        return process.lend(() -> moving().locate(selection.ranges()), process::unplaced);
    }

    MigrationOutcome migrate(NodeSet from, NodeSet to) {
        var event = new MigrateEvent(process.pid());
        return event.watch(() -> process.lend(() -> migrateNow(from, to)), event::fill);
    }

    private MigrationOutcome migrateNow(NodeSet from, NodeSet to) {
        try {
            return moving().migrate(from, to);
        } catch (ErrnoException failure) {
            if (ProcDirectory.meansGone(failure)) {
                return new MigrationOutcome.ProcessGone(from, to);
            }
            throw Failures.placing(process.rights(), failure);
        }
    }

    private Moving moving() {
        return new Moving(process.kernel(), process.pinned(), process.pageSize());
    }
}
