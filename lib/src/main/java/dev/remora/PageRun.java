package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.Layout;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MovePages;
import dev.remora.text.Printable;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes over all pages of ranges in batches, finds out where they are, and has a subclass judge them.
 *
 * <p>The kernel takes the process by its number, which is another's as soon as the process has ended and its parent has
 * noticed. So each call counts only if the process is found alive afterwards: then the number was its own all the time.
 *
 * @param <P> what tells what became of a range of pages
 */
abstract sealed class PageRun<P> permits MoveRun, LocateRun {

    static final int CAPACITY = 8192;

    final Kernel kernel;
    final PinnedProcess process;
    private final long pageSize;
    private final ProcessLayout layout;
    private final Snapshot<Layout> mappings;
    private final RangeLedger<P> ledger = new RangeLedger<>();

    /** Of each page of the batch, and whether a range of the request begins with it. */
    private final List<Verdict<P>> verdicts = new ArrayList<>(CAPACITY);

    private final boolean[] begins = new boolean[CAPACITY];
    private boolean gone;

    PageRun(Kernel kernel, PinnedProcess process, long pageSize) {
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
        layout = new ProcessLayout(process);
        mappings = layout.snapshot(Layout::read);
    }

    /** Judges all pages of a batch, whose places were asked for, in their order. */
    abstract void judge(MovePages places, Arena arena);

    abstract Verdict<P> ofSpecialMapping();

    abstract Verdict<P> ofProcessGone();

    /** Called by {@link #judge} for each page. */
    final void add(Verdict<P> verdict) {
        verdicts.add(verdict);
    }

    final void change(int index, Verdict<P> verdict) {
        verdicts.set(index, verdict);
    }

    final Verdict<P> verdict(int index) {
        return verdicts.get(index);
    }

    /** Whether the process was gone before the end. */
    final boolean processGone() {
        return gone;
    }

    final List<P> over(RangeList ranges) {
        try (Arena arena = Arena.ofConfined()) {
            var batch = new MovePages(kernel, CAPACITY, arena);
            for (int i = 0; i < ranges.size(); i++) {
                if (ranges.leftOut(i)) {
                    settle(batch);
                    ledger.beginRange();
                    ledger.add(ranges.address(i), ranges.byteSize(i), ofSpecialMapping());
                } else {
                    collect(ranges.address(i), ranges.byteSize(i), batch);
                }
            }
            settle(batch);
        }
        return ledger.parts();
    }

    private void collect(long address, long byteSize, MovePages batch) {
        for (long offset = 0; offset < byteSize; offset += pageSize) {
            begins[batch.size()] = offset == 0;
            batch.add(address + offset);
            if (batch.full()) {
                settle(batch);
            }
        }
    }

    private void settle(MovePages batch) {
        verdicts.clear();
        if (batch.size() > 0 && !gone) {
            try (Arena arena = Arena.ofConfined()) {
                locate(batch);
                judge(batch, arena);
            } catch (ErrnoException failure) {
                gone = processGone(failure);
                if (!gone) {
                    throw failure;
                }
            }
        }
        enter(batch);
        batch.clear();
    }

    private boolean processGone(ErrnoException failure) {
        return failure.errno() == Linux.ESRCH() || (failure.errno() == Linux.EINVAL() && process.exited());
    }

    /** Enters neighbours with the same verdict at once. */
    private void enter(MovePages batch) {
        int from = 0;
        for (int i = 1; i <= batch.size(); i++) {
            if (i == batch.size() || begins[i] || !outcome(i).equals(outcome(from))) {
                if (begins[from]) {
                    ledger.beginRange();
                }
                ledger.add(batch.address(from), (i - from) * pageSize, outcome(from));
                from = i;
            }
        }
    }

    private Verdict<P> outcome(int index) {
        return gone ? ofProcessGone() : verdicts.get(index);
    }

    /** Asks where pages are. */
    final void locate(MovePages pages) {
        require(pages.query(process.pid()), pages.size());
    }

    /** Checks the answer to a call by number. Throws ESRCH if it may have been about somebody else. */
    final long require(long result, int pages) {
        String operands = "process " + process.pid() + ", " + Printable.count(pages, "page");
        if (process.exited()) {
            throw new ErrnoException("move_pages", operands, Linux.ESRCH());
        }
        return ErrnoException.check(result, "move_pages", operands);
    }

    /** Whether something is mapped at an address. */
    final boolean mapped(long address) {
        Layout known = layout.read(mappings);
        return known == null || known.mapped(address);
    }
}
