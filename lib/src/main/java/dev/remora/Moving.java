package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MovePages;

/** Finds out where memory of a process is, and moves it, without a policy. All calls throw {@link ErrnoException}. */
final class Moving {

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long pageSize;

    Moving(Kernel kernel, PinnedProcess process, long pageSize) {
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
    }

    PageLocations locate(RangeList ranges) {
        var run = new LocateRun(kernel, process, pageSize);
        var locations = new PageLocations(run.over(ranges));
        if (run.processGone()) {
            throw Failures.ended(process.pid(), null);
        }
        return locations;
    }

    MoveOutcome move(RangeList ranges, NodeSet nodes, boolean sharedToo) {
        requireSome(nodes);
        NumaTopology host = NumaTopology.ofThisHost();
        allowedOn(host).require(nodes);
        var run = new MoveRun(kernel, process, pageSize, nodes, sharedToo);
        PageTally pages = PageTally.of(run.over(ranges));
        if (run.processGone()) {
            return new MoveOutcome.ProcessGone(nodes, pages);
        }
        return pages.allSettled() ? new MoveOutcome.Complete(nodes, pages) : new MoveOutcome.Partial(nodes, pages);
    }

    MigrationOutcome migrate(NodeSet from, NodeSet to) {
        requireSome(from);
        requireSome(to);
        NumaTopology host = NumaTopology.ofThisHost();
        allowedOn(host).require(to);
        new PolicyNodes(host, host.onlineNodes(), "the host").require(from);
        long result = process.exited()
                ? -Linux.ESRCH()
                : MovePages.migrate(kernel, process.pid(), from.toLongArray(), to.toLongArray());
        if (result == -Linux.ESRCH() || process.exited() || (result == -Linux.EINVAL() && process.gone())) {
            return new MigrationOutcome.ProcessGone(from, to);
        }
        long unmoved = ErrnoException.check(
                result, "migrate_pages", "process " + process.pid() + ", from nodes " + from + " to " + to);
        return unmoved == 0 ? new MigrationOutcome.Complete(from, to) : new MigrationOutcome.Partial(from, to, unmoved);
    }

    private static void requireSome(NodeSet nodes) {
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("An empty set of nodes was given: name at least one");
        }
    }

    private PolicyNodes allowedOn(NumaTopology host) {
        return new PolicyNodes(host, Placing.allowedNodes(process, host), "process " + process.pid());
    }
}
