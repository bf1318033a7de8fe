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
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

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

    static final String CALL = "move_pages";

    private static final Logger LOGGER = LogManager.getLogger(PageRun.class);

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
    private boolean began;
    private boolean refused;

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

    /** For pages that were not asked for, because the kernel had refused to go on. */
    abstract Verdict<P> ofNotAsked();

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
        if (batch.size() > 0 && !gone && !refused) {
            try (Arena arena = Arena.ofConfined()) {
                locate(batch);
                judge(batch, arena);
                begin();
            } catch (ErrnoException failure) {
                stopFor(failure);
            }
        }
        enter(batch);
        batch.clear();
    }

    /** From now on something was found out or done, which no failure is to hide. */
    final void begin() {
        began = true;
    }

    /** What was done before stands, and is told of. */
    private void stopFor(ErrnoException failure) {
        gone = failure.errno() == Linux.ESRCH();
        if (!gone && !began) {
            throw failure;
        }
        refused = true;
        LOGGER.debug("Stopped midway: {}", failure.getMessage());
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
        if (gone) {
            return ofProcessGone();
        }
        return index < verdicts.size() ? verdicts.get(index) : ofNotAsked();
    }

    /** Asks where pages are. */
    final void locate(MovePages pages) {
        requireAlive(pages.size());
        long result = pages.query(process.pid());
        requireAlive(pages.size());
        ErrnoException.check(ofMemory(result), CALL, operands(pages.size()));
    }

    /** To be called directly before and after each call by number: otherwise it may be about somebody else. */
    final void requireAlive(int pages) {
        if (process.exited()) {
            throw new ErrnoException(CALL, operands(pages), Linux.ESRCH());
        }
    }

    /** A process that is ending, and has no memory any more, is told of by EINVAL. */
    final long ofMemory(long result) {
        return result == -Linux.EINVAL() && process.gone() ? -Linux.ESRCH() : result;
    }

    final String operands(int pages) {
        return "process " + process.pid() + ", " + Printable.count(pages, "page");
    }

    /** Whether something is mapped at an address. */
    final boolean mapped(long address) {
        Layout known = layout.read(mappings);
        return known == null || known.mapped(address);
    }
}
