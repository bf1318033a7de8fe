package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.IoVectors;
import dev.remora.text.Printable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A memory policy for ranges of a process; how it is set, the subclasses say. */
abstract sealed class PlacementVerb implements RangeVerb<PlacedRange> permits PlacementVerb.OneByOne, CalledPlacement {

    private record Placed() implements Verdict<PlacedRange> {
        @Override
        public Tally tally() {
            return Tally.DONE;
        }

        @Override
        public PlacedRange of(MemoryRange range) {
            return new PlacedRange.Placed(range);
        }
    }

    private record PlacedNotMoved() implements Verdict<PlacedRange> {
        @Override
        public Tally tally() {
            return Tally.DONE;
        }

        @Override
        public PlacedRange of(MemoryRange range) {
            return new PlacedRange.PlacedNotMoved(range);
        }
    }

    private record PlacedWithoutHomeNode(int errno) implements Verdict<PlacedRange> {
        @Override
        public Tally tally() {
            return Tally.SKIPPED;
        }

        @Override
        public PlacedRange of(MemoryRange range) {
            return new PlacedRange.PlacedWithoutHomeNode(range, errno);
        }
    }

    private record Skipped(SkipReason reason, int errno) implements Verdict<PlacedRange> {
        @Override
        public Tally tally() {
            return Tally.SKIPPED;
        }

        @Override
        public PlacedRange of(MemoryRange range) {
            return new PlacedRange.Skipped(range, reason, errno);
        }
    }

    private record NotReached() implements Verdict<PlacedRange> {
        @Override
        public Tally tally() {
            return Tally.NOT_REACHED;
        }

        @Override
        public PlacedRange of(MemoryRange range) {
            return new PlacedRange.NotReached(range);
        }
    }

    private static final Placed PLACED = new Placed();
    private static final PlacedNotMoved PLACED_NOT_MOVED = new PlacedNotMoved();
    private static final NotReached NOT_REACHED = new NotReached();
    private static final Skipped NOT_INJECTED = new Skipped(SkipReason.NOT_INJECTED, 0);

    final PinnedProcess process;
    final Placement placement;
    private final ProcessLayout layout;

    PlacementVerb(PinnedProcess process, Placement placement) {
        this.process = process;
        this.placement = placement;
        layout = new ProcessLayout(process);
    }

    /** What the call is named that sets the policy. */
    abstract String call();

    /** Lets go of what was needed for that. */
    void finish() {}

    /** How long a thread of the process stood still for it. */
    Duration standstill() {
        return Duration.ZERO;
    }

    /** For ranges of a process that could not be made to place them. */
    static Verdict<PlacedRange> notInjected() {
        return NOT_INJECTED;
    }

    @Override
    public final ErrnoException failure(int ranges, int errno) {
        return new ErrnoException(
                call(), "process " + process.pid() + ", " + placement + ", " + Printable.count(ranges, "range"), errno);
    }

    /** {@link PolicyTrial} has found that out before. */
    @Override
    public final void requireSupported() {}

    @Override
    public final @Nullable RangeList parts(long address, long byteSize) {
        return layout.parts(address, byteSize);
    }

    @Override
    public final boolean processGone() {
        return layout.processGone();
    }

    @Override
    public Verdict<PlacedRange> done(long address) {
        return PLACED;
    }

    @Override
    public final Verdict<PlacedRange> skipped(SkipReason reason, int errno) {
        return new Skipped(reason, errno);
    }

    @Override
    public final Verdict<PlacedRange> notReached() {
        return NOT_REACHED;
    }

    @Override
    public Verdict<PlacedRange> forbidden() {
        return new Skipped(SkipReason.NOT_PERMITTED, Linux.EPERM());
    }

    @Override
    public final Verdict<PlacedRange> refused(long address, int errno) {
        if (errno == Linux.EIO()) {
            return placement.movesPages() ? PLACED_NOT_MOVED : new Skipped(SkipReason.PAGES_ELSEWHERE, errno);
        }
        if (errno == Linux.EFAULT()) {
            return new Skipped(SkipReason.LAYOUT_CHANGED, errno);
        }
        return new Skipped(errno == Linux.ENOMEM() ? SkipReason.OUT_OF_MEMORY : SkipReason.REFUSED, errno);
    }

    /** What is logged. */
    @Override
    public final String toString() {
        return placement + " for process " + process.pid();
    }

    /** A call that takes one range, for each range of a vector, until one is refused. */
    abstract static sealed class OneByOne extends PlacementVerb permits OwnPlacement, InjectedPlacement {

        private static final int NOT_ASKED = 0;

        /** Why the home node could not be set after the policy was, by address. */
        private final Map<Long, Integer> homelessness = new HashMap<>();

        OneByOne(PinnedProcess process, Placement placement) {
            super(process, placement);
        }

        /** Each range is a call of its own, of any size; to cut one would cut huge pages. */
        @Override
        public final long maxBytes(long pageSize) {
            return Long.MAX_VALUE;
        }

        abstract long bind(long address, long byteSize);

        abstract long setHomeNode(long address, long byteSize, int node);

        @Override
        public final long ask(IoVectors ranges) {
            long done = 0;
            for (int i = 0; i < ranges.size(); i++) {
                long result = place(ranges.address(i), ranges.byteSize(i));
                if (result < 0) {
                    return done == 0 ? result : done;
                }
                done += ranges.byteSize(i);
            }
            return done;
        }

        private long place(long address, long byteSize) {
            homelessness.remove(address);
            long result = bind(address, byteSize);
            boolean policySet = result >= 0 || (result == -Linux.EIO() && placement.movesPages());
            OptionalInt homeNode = placement.policy().homeNode();
            if (!policySet || homeNode.isEmpty()) {
                return result;
            }
            long refused = setHomeNode(address, byteSize, homeNode.getAsInt());
            if (refused == -Linux.ESRCH()) {
                return refused;
            }
            if (refused < 0) {
                homelessness.put(address, endedMidway() ? NOT_ASKED : (int) -refused);
                return 0;
            }
            return result;
        }

        @Override
        public final Verdict<PlacedRange> done(long address) {
            Integer refused = homelessness.get(address);
            return refused == null ? super.done(address) : new PlacedWithoutHomeNode(refused);
        }
    }
}
