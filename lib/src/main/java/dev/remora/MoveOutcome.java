package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.NodeSet;
import java.util.List;

/**
 * What became of a move to NUMA nodes: one value for any number of pages and system calls.
 *
 * {@snippet file="Placing.java" region="move"}
 */
public sealed interface MoveOutcome {

    /** {@return the nodes to go to} */
    NodeSet nodes();

    /** {@return what became of each page} */
    PageTally pages();

    /** {@return how many bytes were moved} */
    default long movedBytes() {
        return pages().bytes(PageFate.MOVED);
    }

    /** {@return whether every page that is in RAM is on one of the nodes now} */
    default boolean complete() {
        return this instanceof Complete;
    }

    /**
     * Every page that is in RAM is on one of the nodes.
     *
     * @param nodes the nodes to go to
     * @param pages what became of each page
     */
    record Complete(NodeSet nodes, PageTally pages) implements MoveOutcome {

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return table(this, "");
        }
    }

    /**
     * Some pages stayed where they were, or are not there.
     *
     * @param nodes the nodes to go to
     * @param pages what became of each page
     */
    record Partial(NodeSet nodes, PageTally pages) implements MoveOutcome {

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return table(this, ", but not all");
        }
    }

    /**
     * The process was gone before the move came to its end, or its main thread had ended, after which the kernel gives no
     * access to its memory by its number, although other threads may live on.
     *
     * @param nodes the nodes to go to
     * @param pages what became of each page
     */
    record ProcessGone(NodeSet nodes, PageTally pages) implements MoveOutcome {

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return table(this, "; then the process was gone");
        }
    }

    /**
     * Nothing was done, because the memory is not laid out as it was: {@link Selection#unlessChanged}.
     *
     * @param nodes the nodes to go to
     * @param pages all of them {@link PageFate#NOT_ATTEMPTED}
     * @param changed where the layout differs
     */
    record LayoutChanged(NodeSet nodes, PageTally pages, List<MemoryRange> changed) implements MoveOutcome {

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return table(this, "; " + LayoutGuard.changedIn(changed));
        }
    }

    /**
     * The layout of the memory changed while pages were moved, so that some may not be what was meant: {@link
     * Selection#unlessChanged}.
     *
     * @param outcome what was done
     * @param doubtful where the layout has changed, or all ranges if the process has ended since
     */
    record InDoubt(MoveOutcome outcome, List<MemoryRange> doubtful) implements MoveOutcome {

        @Override
        public NodeSet nodes() {
            return outcome.nodes();
        }

        @Override
        public PageTally pages() {
            return outcome.pages();
        }

        /** {@return a table of the parts} */
        @Override
        public String toString() {
            return table(this, "; meanwhile " + LayoutGuard.changedIn(doubtful));
        }
    }

    private static String table(MoveOutcome outcome, String remark) {
        String headline = "moved to nodes " + outcome.nodes() + ": " + ByteSize.format(outcome.movedBytes()) + remark;
        return PartsTable.of(
                headline,
                outcome.pages().parts(),
                MovedRange::range,
                part -> part.fate().explanation());
    }
}
