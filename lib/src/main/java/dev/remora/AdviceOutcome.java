package dev.remora;

import dev.remora.addressspace.MemoryRange;
import java.util.List;
import java.util.Optional;

/**
 * What became of advice for a selection: one value for any number of ranges and system calls.
 *
 * <p>{@code requestedBytes} is always the sum of {@code advisedBytes}, {@code skippedBytes} and {@code
 * notReachedBytes}. All are bytes of address space: whether memory left RAM is another question.
 *
 * {@snippet file="Outcomes.java" region="outcomes"}
 */
public sealed interface AdviceOutcome {

    /** {@return the advice that was given} */
    Advice advice();

    /** {@return what became of each range, in the order of the request} */
    List<RangeOutcome> parts();

    /** {@return the bytes that were asked for} */
    default long requestedBytes() {
        return advisedBytes() + skippedBytes() + notReachedBytes();
    }

    /** {@return the bytes for which the kernel accepted the advice} */
    long advisedBytes();

    /** {@return the bytes that were left out, each with its reason in {@link #parts()}} */
    long skippedBytes();

    /** {@return the bytes that were not reached because the process was gone, or the verb was stopped} */
    long notReachedBytes();

    /**
     * {@return what could be seen of the effect} Empty unless it was {@link AdviceRequest#measured() measured}, which {@link
     * Selection#collapse()} always is, or if the process was gone.
     */
    default Optional<AdviceEffect> effect() {
        return Optional.empty();
    }

    /** {@return whether every requested byte was advised} A request for nothing is complete. */
    default boolean complete() {
        return this instanceof Complete || this instanceof NothingSelected;
    }

    /** {@return the parts that were left out, in the order of the request} */
    default List<RangeOutcome.Skipped> skipped() {
        return parts().stream()
                .filter(RangeOutcome.Skipped.class::isInstance)
                .map(RangeOutcome.Skipped.class::cast)
                .toList();
    }

    /**
     * All that was asked for was advised.
     *
     * @param advice the advice
     * @param parts one {@link RangeOutcome.Advised} per range
     * @param advisedBytes the bytes of all of them
     * @param effect what could be seen of the effect, if it was measured
     */
    record Complete(Advice advice, List<RangeOutcome> parts, long advisedBytes, Optional<AdviceEffect> effect)
            implements AdviceOutcome {

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
            return OutcomeTable.of(this);
        }
    }

    /**
     * The verb went through all ranges and had to leave something out.
     *
     * @param advice the advice
     * @param parts what became of each range
     * @param advisedBytes the bytes advised
     * @param skippedBytes the bytes left out, at least 1
     * @param effect what could be seen of the effect, if it was measured
     */
    record Partial(
            Advice advice,
            List<RangeOutcome> parts,
            long advisedBytes,
            long skippedBytes,
            Optional<AdviceEffect> effect)
            implements AdviceOutcome {

        @Override
        public long notReachedBytes() {
            return 0;
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return OutcomeTable.of(this);
        }
    }

    /**
     * The process was gone before the verb came to its end: it had ended, or was just ending, or its main thread had
     * ended, after which the kernel gives no access to its memory although other threads may live on. What was done
     * before stands.
     *
     * @param advice the advice
     * @param parts what became of each range
     * @param advisedBytes the bytes advised before
     * @param skippedBytes the bytes left out before
     * @param notReachedBytes the bytes of the ranges that were not reached
     */
    record ProcessGone(
            Advice advice, List<RangeOutcome> parts, long advisedBytes, long skippedBytes, long notReachedBytes)
            implements AdviceOutcome {

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return OutcomeTable.of(this);
        }
    }

    /**
     * The verb was ended before it came to its end: by {@link AdviceProgress#cancel()}, or because the calling thread was
     * interrupted. What was done before stands.
     *
     * @param advice the advice
     * @param parts what became of each range
     * @param advisedBytes the bytes advised before
     * @param skippedBytes the bytes left out before
     * @param notReachedBytes the bytes of the ranges that were not reached, at least 1
     * @param cause who ended it
     * @param effect what could be seen of the effect, if it was measured
     */
    record Stopped(
            Advice advice,
            List<RangeOutcome> parts,
            long advisedBytes,
            long skippedBytes,
            long notReachedBytes,
            Cause cause,
            Optional<AdviceEffect> effect)
            implements AdviceOutcome {

        /** Who ended a verb before its end. */
        public enum Cause {
            /** {@link AdviceProgress#cancel()} was called. */
            CANCELLED,

            /** The calling thread was interrupted; its interrupt status is set. */
            INTERRUPTED
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return OutcomeTable.of(this);
        }
    }

    /**
     * Nothing matched the selection, so the kernel was not asked for anything.
     *
     * @param advice the advice that would have been given
     */
    record NothingSelected(Advice advice) implements AdviceOutcome {

        @Override
        public List<RangeOutcome> parts() {
            return List.of();
        }

        @Override
        public long advisedBytes() {
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
            return OutcomeTable.of(this);
        }
    }

    /**
     * Nothing was done, because the memory is not laid out as it was: {@link Selection#unlessChanged}.
     *
     * @param advice the advice that would have been given
     * @param parts one {@link RangeOutcome.NotReached} for each range
     * @param notReachedBytes the bytes of all of them
     * @param changed where the layout differs
     */
    record LayoutChanged(Advice advice, List<RangeOutcome> parts, long notReachedBytes, List<MemoryRange> changed)
            implements AdviceOutcome {

        @Override
        public long advisedBytes() {
            return 0;
        }

        @Override
        public long skippedBytes() {
            return 0;
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return OutcomeTable.of(this);
        }
    }

    /**
     * The layout of the memory changed while the verb acted, so that some of what it did may have met something else: {@link
     * Selection#unlessChanged}.
     *
     * @param outcome what was done
     * @param doubtful where the layout has changed, or all ranges if the process has ended since
     */
    record InDoubt(AdviceOutcome outcome, List<MemoryRange> doubtful) implements AdviceOutcome {

        @Override
        public Advice advice() {
            return outcome.advice();
        }

        @Override
        public List<RangeOutcome> parts() {
            return outcome.parts();
        }

        @Override
        public long advisedBytes() {
            return outcome.advisedBytes();
        }

        @Override
        public long skippedBytes() {
            return outcome.skippedBytes();
        }

        @Override
        public long notReachedBytes() {
            return outcome.notReachedBytes();
        }

        @Override
        public Optional<AdviceEffect> effect() {
            return outcome.effect();
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return OutcomeTable.of(this);
        }
    }
}
