package dev.remora;

import dev.remora.Verdict.Tally;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.process.PinnedProcess;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.MovePages;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Finds out on which nodes pages of a process are. */
final class LocateRun extends PageRun<LocatedRange> {

    private record Place(Function<MemoryRange, LocatedRange> part) implements Verdict<LocatedRange> {
        @Override
        public Tally tally() {
            return Tally.DONE;
        }

        @Override
        public LocatedRange of(MemoryRange range) {
            return part.apply(range);
        }
    }

    private static final Place NOT_PRESENT = new Place(LocatedRange.NotPresent::new);
    private static final Place UNMAPPED = new Place(LocatedRange.Unmapped::new);
    private static final Place NOT_ASKED = unknown(0);

    /** One object for each status, so that equal places are the same. */
    private final Map<Integer, Place> places = new HashMap<>();

    LocateRun(Kernel kernel, PinnedProcess process, long pageSize) {
        super(kernel, process, pageSize);
    }

    private static Place unknown(int errno) {
        return new Place(range -> new LocatedRange.Unknown(range, errno));
    }

    @Override
    void judge(MovePages pages, Arena arena) {
        for (int i = 0; i < pages.size(); i++) {
            int status = pages.status(i);
            if (status == -Linux.ENOENT() || status == -Linux.EFAULT()) {
                add(mapped(pages.address(i)) ? NOT_PRESENT : UNMAPPED);
            } else if (status == MovePages.UNTOUCHED) {
                add(NOT_ASKED);
            } else {
                add(places.computeIfAbsent(status, LocateRun::place));
            }
        }
    }

    private static Place place(int status) {
        return status >= 0 ? new Place(range -> new LocatedRange.OnNode(range, status)) : unknown(-status);
    }

    @Override
    Verdict<LocatedRange> ofSpecialMapping() {
        return NOT_ASKED;
    }

    @Override
    Verdict<LocatedRange> ofProcessGone() {
        return NOT_ASKED;
    }

    @Override
    Verdict<LocatedRange> ofNotAsked() {
        return NOT_ASKED;
    }
}
