package dev.remora;

import dev.remora.numa.NodeSet;

/** What became of moving all pages of a process from some NUMA nodes to others. */
public sealed interface MigrationOutcome {

    /** {@return the nodes to leave} */
    NodeSet from();

    /** {@return the nodes to go to} */
    NodeSet to();

    /**
     * The kernel moved all pages that it found.
     *
     * @param from the nodes to leave
     * @param to the nodes to go to
     */
    record Complete(NodeSet from, NodeSet to) implements MigrationOutcome {}

    /**
     * Some pages could not be moved.
     *
     * @param from the nodes to leave
     * @param to the nodes to go to
     * @param unmovedPages how many, as the kernel counts them: a huge page is one
     */
    record Partial(NodeSet from, NodeSet to, long unmovedPages) implements MigrationOutcome {}

    /**
     * The process had ended, or ended meanwhile.
     *
     * @param from the nodes to leave
     * @param to the nodes to go to
     */
    record ProcessGone(NodeSet from, NodeSet to) implements MigrationOutcome {}
}
