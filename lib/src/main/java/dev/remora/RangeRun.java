package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.ByteSize;
import dev.remora.bindings.Linux;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.IoVectors;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * One verb on the ranges of one process: asks in batches, resumes behind what the kernel did, goes on past what it
 * refuses, and keeps account of every byte.
 *
 * <p>The kernel counts only ranges that succeeded whole, stops at the first that did not, and tells why only when it is
 * asked for that one alone; kernels before 5.18 lose even the count. So a range at which a batch stopped is asked for
 * alone. If it is refused and covers more than one mapping, it is cut at the borders of the mappings, and each part is
 * asked for by itself: only then is it known for which bytes it was done.
 *
 * @param <P> what tells what became of a range
 */
final class RangeRun<P> {

    private static final Logger LOGGER = LogManager.getLogger(RangeRun.class);
    private static final int ATTEMPTS = 4;

    /** With pages of 4 KiB; larger ones are not cut by cuts at its multiples if they are not by the size of a batch. */
    private static final long HUGE_PAGE = 2 * ByteSize.MiB;

    private final RangeVerb<P> verb;
    private final long pageSize;
    private final long maxBytes;
    private final RangeLedger<P> ledger = new RangeLedger<>();

    private final RunControl control;
    private int calls;

    RangeRun(RangeVerb<P> verb, long pageSize, RunControl control) {
        this.verb = verb;
        this.pageSize = pageSize;
        this.control = control;
        maxBytes = Math.min(verb.maxBytes(pageSize), control.batchBytes());
    }

    static boolean logged() {
        return LOGGER.isDebugEnabled();
    }

    RangeLedger<P> over(RangeList ranges) {
        return over(ranges, 0);
    }

    /**
     * Goes over the ranges.
     *
     * @param done for how many bytes, from the first range on, it was done already
     */
    RangeLedger<P> over(RangeList ranges, long done) {
        ledger.expect(ranges);
        try (Arena arena = Arena.ofConfined()) {
            new Pass(arena, ranges, SkipReason.SPECIAL_MAPPING, 0, false).runFrom(done);
        }
        if (logged()) {
            log(ranges);
        }
        return ledger;
    }

    private void log(RangeList ranges) {
        LOGGER.debug(
                "{}: {} ranges, {} calls, {} bytes done, {} skipped, {} not reached",
                verb,
                ranges.size(),
                calls,
                ledger.bytes(Tally.DONE),
                ledger.bytes(Tally.SKIPPED),
                ledger.bytes(Tally.NOT_REACHED));
    }

    private void book(long address, long byteSize, Verdict<P> verdict, boolean asked) {
        ledger.add(address, byteSize, verdict);
        control.book(byteSize, verdict.tally(), asked);
    }

    /** Goes once over a list of ranges, front to back. */
    private final class Pass {

        private final Arena arena;
        private final RangeList ranges;
        private final IoVectors vectors;

        /** What to account of the ranges that the kernel is not asked for. */
        private final SkipReason leftOutReason;

        private final int leftOutErrno;

        /** Whether the ranges are the parts of one that was refused: each lies in one mapping, or is a hole. */
        private final boolean parts;

        private int index;
        private long offset;
        private int batchLimit = IoVectors.MAX_RANGES;
        private int attempts;

        Pass(Arena arena, RangeList ranges, SkipReason leftOutReason, int leftOutErrno, boolean parts) {
            this.arena = arena;
            this.ranges = ranges;
            this.leftOutReason = leftOutReason;
            this.leftOutErrno = leftOutErrno;
            this.parts = parts;
            vectors = new IoVectors(arena, Math.clamp(ranges.size(), 1, IoVectors.MAX_RANGES));
        }

        void runFrom(long done) {
            if (done > 0) {
                control.permit();
                done(done);
            }
            run();
        }

        void run() {
            while (moveToNextAsked()) {
                if (control.goesOn()) {
                    ask();
                    control.reached();
                } else {
                    leaveRest();
                }
            }
        }

        private boolean moveToNextAsked() {
            while (index < ranges.size()) {
                if (offset == 0 && !parts && !ranges.continues(index)) {
                    ledger.beginRange();
                }
                if (!ranges.leftOut(index)) {
                    return true;
                }
                book(ranges.address(index), ranges.byteSize(index), leftOut(ranges.reason(index)), false);
                index++;
            }
            return false;
        }

        private Verdict<P> leftOut(int reason) {
            return reason == 0
                    ? verb.skipped(leftOutReason, leftOutErrno)
                    : verb.skipped(SkipReason.ofNumber(reason), 0);
        }

        private void leaveRest() {
            long address = ranges.address(index) + offset;
            long byteSize = ranges.byteSize(index) - offset;
            boolean forbidden = control.end() == RunControl.End.FORBIDDEN;
            book(address, byteSize, forbidden ? verb.forbidden() : verb.notReached(), false);
            moveBy(byteSize);
        }

        private void ask() {
            long asked = fill();
            control.callBegins();
            long result = verb.ask(vectors);
            control.callEnds();
            calls++;
            control.called(attempts > 0);
            long done = result < 0 ? 0 : Math.min(result, asked) & -pageSize;
            if (done > 0) {
                control.permit();
                attempts = 0;
                done(done);
                batchLimit = done == asked ? Math.min(IoVectors.MAX_RANGES, 2 * batchLimit) : 1;
            } else if (vectors.size() > 1 && !concernsAll((int) -result)) {
                batchLimit = 1;
            } else {
                refused(asked, (int) Math.max(0, -result));
            }
        }

        /** Only a range that is too large for a call of its own is cut: so pieces of it lie where multiples of that size do. */
        private long fill() {
            vectors.clear();
            long asked = 0;
            long skip = offset;
            for (int i = index; i < ranges.size() && vectors.size() < batchLimit; i++) {
                if (!ranges.leftOut(i)) {
                    long address = ranges.address(i) + skip;
                    long byteSize = ranges.byteSize(i) - skip;
                    if (byteSize > maxBytes - asked) {
                        return asked > 0 ? asked : fillWithPiece(address);
                    }
                    vectors.add(address, byteSize);
                    asked += byteSize;
                }
                skip = 0;
            }
            return asked;
        }

        /** A huge page is cut only by batches that are smaller. */
        private long fillWithPiece(long address) {
            long ofWholeHugePages = (address + maxBytes & -HUGE_PAGE) - address;
            long byteSize = ofWholeHugePages > 0 ? ofWholeHugePages : maxBytes;
            vectors.add(address, byteSize);
            return byteSize;
        }

        private void done(long bytes) {
            long left = bytes;
            while (left > 0 && moveToNextAsked()) {
                long byteSize = Math.min(left, ranges.byteSize(index) - offset);
                long address = ranges.address(index) + offset;
                book(address, byteSize, verb.done(address), true);
                moveBy(byteSize);
                left -= byteSize;
            }
        }

        private void moveBy(long bytes) {
            offset += bytes;
            if (offset == ranges.byteSize(index)) {
                index++;
                offset = 0;
            }
        }

        private void refused(long byteSize, int errno) {
            if (refusedAltogether(errno)) {
                return;
            }
            if (transientFailure(errno) && ++attempts < ATTEMPTS) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1L << attempts));
                return;
            }
            if (errno == Linux.EINVAL()) {
                verb.requireSupported();
            }
            if (errno != Linux.EFAULT()) {
                control.permit();
            }
            account(ranges.address(index) + offset, byteSize, errno);
            moveBy(byteSize);
            attempts = 0;
        }

        private boolean refusedAltogether(int errno) {
            if (errno == Linux.ESRCH()) {
                control.end(RunControl.End.PROCESS_GONE);
            } else if (denied(errno) && (control.permitted() || verb.endedMidway())) {
                control.end(RunControl.End.FORBIDDEN);
            } else if (denied(errno) || errno == Linux.ENOSYS()) {
                throw verb.failure(vectors.size(), errno);
            }
            return errno == Linux.ESRCH() || denied(errno);
        }

        /** Keeps account of a range that was refused when it was asked for alone. */
        private void account(long address, long byteSize, int errno) {
            RangeList cut = parts ? null : verb.parts(address, byteSize);
            boolean ofOneMapping = cut != null && cut.size() == 1 && !cut.leftOut(0);
            if (cut == null || ofOneMapping) {
                accountOne(address, byteSize, errno, parts || ofOneMapping);
            } else {
                int ofHoles = errno == Linux.EINVAL() ? Linux.ENOMEM() : errno;
                new Pass(arena, cut, SkipReason.HOLE, ofHoles, true).run();
            }
        }

        private void accountOne(long address, long byteSize, int errno, boolean ofOneMapping) {
            Verdict<P> verdict = ofOneMapping ? verb.refused(address, errno) : verb.skipped(SkipReason.REFUSED, errno);
            boolean gone = verb.processGone();
            if (gone) {
                control.end(RunControl.End.PROCESS_GONE);
            }
            book(address, byteSize, gone ? verb.notReached() : verdict, true);
        }
    }

    /** Who may not read the process is told EACCES by {@code process_madvise}. */
    private static boolean denied(int errno) {
        return errno == Linux.EPERM() || errno == Linux.EACCES();
    }

    /** ESRCH, EPERM, EACCES and ENOSYS are about the process or the call, not about one range of a batch. */
    private static boolean concernsAll(int errno) {
        return errno == Linux.ESRCH() || denied(errno) || errno == Linux.ENOSYS();
    }

    private static boolean transientFailure(int errno) {
        return errno == Linux.EAGAIN() || errno == Linux.EBUSY() || errno == Linux.EINTR() || errno == 0;
    }
}
