package dev.remora;

import dev.remora.addressspace.MemoryRange;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What became of a placement: one value for any number of ranges and system calls.
 *
 * <p>{@code requestedBytes} is always the sum of {@code placedBytes}, {@code skippedBytes} and {@code notReachedBytes}. All
 * are bytes of address space.
 *
 * {@snippet file="Placing.java" region="outcome"}
 */
public sealed interface PlacementOutcome {

    /** {@return what was asked for} */
    Placement placement();

    /** {@return how it was done; empty for memory of the calling process itself} */
    Optional<Mechanism> mechanism();

    /** {@return what became of each range, in the order of the request} */
    List<PlacedRange> parts();

    /** {@return the bytes that were asked for} */
    default long requestedBytes() {
        return placedBytes() + skippedBytes() + notReachedBytes();
    }

    /** {@return the bytes that have the policy as it was asked for} */
    long placedBytes();

    /** {@return the bytes that were left out, or have no home node; {@link #parts()} tells which and why} */
    long skippedBytes();

    /** {@return the bytes that were not reached because the process was gone} */
    long notReachedBytes();

    /** {@return whether every requested byte has the policy} A request for nothing is complete. */
    default boolean complete() {
        return this instanceof Complete || this instanceof NothingSelected;
    }

    /**
     * All that was asked for has the policy.
     *
     * @param placement what was asked for
     * @param mechanism how it was done
     * @param parts one for each range
     * @param placedBytes the bytes of all of them
     * @param figures what could be seen of it
     */
    record Complete(
            Placement placement,
            Optional<Mechanism> mechanism,
            List<PlacedRange> parts,
            long placedBytes,
            PlacementFigures figures)
            implements PlacementOutcome {

        @Override
        public long skippedBytes() {
            return 0;
        }

        @Override
        public long notReachedBytes() {
            return 0;
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return PlacementTable.of(this);
        }
    }

    /**
     * The placement went through all ranges and had to leave something out.
     *
     * @param placement what was asked for
     * @param mechanism how it was done
     * @param parts what became of each range
     * @param placedBytes the bytes that have the policy now
     * @param skippedBytes the bytes left out, at least 1
     * @param figures what could be seen of it
     */
    record Partial(
            Placement placement,
            Optional<Mechanism> mechanism,
            List<PlacedRange> parts,
            long placedBytes,
            long skippedBytes,
            PlacementFigures figures)
            implements PlacementOutcome {

        @Override
        public long notReachedBytes() {
            return 0;
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return PlacementTable.of(this);
        }
    }

    /**
     * The process was gone before the placement came to its end, or its main thread had ended, after which the kernel gives no
     * access to its memory by its number, although other threads may live on.
     *
     * @param placement what was asked for
     * @param mechanism how it was done
     * @param parts what became of each range
     * @param placedBytes the bytes that had the policy before
     * @param skippedBytes the bytes left out before
     * @param notReachedBytes the bytes of the ranges that were not reached
     */
    record ProcessGone(
            Placement placement,
            Optional<Mechanism> mechanism,
            List<PlacedRange> parts,
            long placedBytes,
            long skippedBytes,
            long notReachedBytes)
            implements PlacementOutcome {

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return PlacementTable.of(this);
        }
    }

    /**
     * Nothing matched the selection, so nobody was asked for anything.
     *
     * @param placement what was asked for
     * @param mechanism how it would have been done
     */
    record NothingSelected(Placement placement, Optional<Mechanism> mechanism) implements PlacementOutcome {

        @Override
        public List<PlacedRange> parts() {
            return List.of();
        }

        @Override
        public long placedBytes() {
            return 0;
        }

        @Override
        public long skippedBytes() {
            return 0;
        }

        @Override
        public long notReachedBytes() {
            return 0;
        }

        /** {@return one line that says so} */
        @Override
        public String toString() {
            return PlacementTable.of(this);
        }
    }

    /**
     * The process could not be made to execute the calls, and has not been changed. {@link InjectionObstacle} says what can
     * be done about it.
     *
     * @param placement what was asked for
     * @param mechanism how it was to be done
     * @param parts one {@link PlacedRange.Skipped} for each range
     * @param skippedBytes the bytes of all of them
     * @param obstacle what was in the way
     * @param tracerPid the number of the process that traces it, for {@link InjectionObstacle#TRACED}, if it can be seen from
     *     here
     */
    record NotInjected(
            Placement placement,
            Optional<Mechanism> mechanism,
            List<PlacedRange> parts,
            long skippedBytes,
            InjectionObstacle obstacle,
            OptionalLong tracerPid)
            implements PlacementOutcome {

        @Override
        public long placedBytes() {
            return 0;
        }

        @Override
        public long notReachedBytes() {
            return 0;
        }

        /** {@return what was in the way} */
        @Override
        public String toString() {
            return PlacementTable.of(this);
        }
    }

    /**
     * Nothing was done, because the memory is not laid out as it was: {@link Selection#unlessChanged}.
     *
     * @param placement what was asked for
     * @param mechanism how it would have been done
     * @param parts one {@link PlacedRange.NotReached} for each range
     * @param notReachedBytes the bytes of all of them
     * @param changed where the layout differs
     */
    record LayoutChanged(
            Placement placement,
            Optional<Mechanism> mechanism,
            List<PlacedRange> parts,
            long notReachedBytes,
            List<MemoryRange> changed)
            implements PlacementOutcome {

        @Override
        public long placedBytes() {
            return 0;
        }

        @Override
        public long skippedBytes() {
            return 0;
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return PlacementTable.of(this);
        }
    }

    /**
     * The layout of the memory changed while it was placed, so that some of what was done may have met something else: {@link
     * Selection#unlessChanged}.
     *
     * @param outcome what was done
     * @param doubtful where the layout has changed, or all ranges if the process has ended since
     */
    record InDoubt(PlacementOutcome outcome, List<MemoryRange> doubtful) implements PlacementOutcome {

        @Override
        public Placement placement() {
            return outcome.placement();
        }

        @Override
        public Optional<Mechanism> mechanism() {
            return outcome.mechanism();
        }

        @Override
        public List<PlacedRange> parts() {
            return outcome.parts();
        }

        @Override
        public long placedBytes() {
            return outcome.placedBytes();
        }

        @Override
        public long skippedBytes() {
            return outcome.skippedBytes();
        }

        @Override
        public long notReachedBytes() {
            return outcome.notReachedBytes();
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return PlacementTable.of(this);
        }
    }
}
