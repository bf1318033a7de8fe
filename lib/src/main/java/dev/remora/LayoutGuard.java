package dev.remora;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.text.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Acts on what a selection means only if that is laid out as somebody saw it, and finds out whether it still was afterwards.
 *
 * @param memory whose memory that is
 * @param before how it was laid out
 */
record LayoutGuard(RemoteMemory memory, AddressSpace before) {

    /** Behind what is selected. */
    static final String WORDS = ", unless its layout has changed";

    /**
     * What a verb says if it was not as usual.
     *
     * @param gone if the process was gone before
     * @param changed if the layout had changed before, where it had and what it was to act on
     * @param inDoubt if the layout has changed since, what it did and where
     */
    record Words<T>(
            Supplier<T> gone,
            BiFunction<List<MemoryRange>, List<MemoryRange>, T> changed,
            BiFunction<T, List<MemoryRange>, T> inDoubt) {}

    /** For who has borrowed the process. The verb acts on the ranges that were looked at, whatever is mapped since. */
    <T> T run(Selection selection, Function<Selection, T> verb, Words<T> words) {
        RangeList ranges;
        List<MemoryRange> changed;
        try {
            ranges = selection.ranges();
            changed = changes(ranges);
        } catch (ErrnoException failure) {
            if (ProcDirectory.meansGone(failure)) {
                return words.gone().get();
            }
            throw memory.process().unreadable(failure);
        }
        if (!changed.isEmpty()) {
            return words.changed().apply(changed, all(ranges));
        }
        T outcome = verb.apply(new RangeSelection(memory, ranges));
        List<MemoryRange> doubtful = changesSince(ranges);
        return doubtful.isEmpty() ? outcome : words.inDoubt().apply(outcome, doubtful);
    }

    private List<MemoryRange> changes(RangeList ranges) {
        return LayoutChanges.between(before, memory.everything(), ranges);
    }

    /** Of what has ended since, or may not be read any more, nothing is known; what was done stays told of. */
    private List<MemoryRange> changesSince(RangeList ranges) {
        try {
            return changes(ranges);
        } catch (ErrnoException unreadable) {
            return all(ranges);
        }
    }

    /** In words. */
    static String changedIn(List<MemoryRange> changed) {
        String first = changed.getFirst().toString();
        return "the layout changed in " + first
                + (changed.size() > 1 ? " and " + Printable.count(changed.size() - 1, "other range") : "");
    }

    private static List<MemoryRange> all(RangeList ranges) {
        List<MemoryRange> all = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            all.add(MemoryRange.of(ranges.address(i), ranges.byteSize(i)));
        }
        return List.copyOf(all);
    }
}
