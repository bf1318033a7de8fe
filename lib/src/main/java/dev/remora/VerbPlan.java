package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.text.Printable;
import java.util.List;

/**
 * What a verb would read and call for a selection now, found out without doing it.
 *
 * {@snippet file="Planned.java" region="advice"}
 *
 * @param verb the verb
 * @param reads the files that it would read, in this order; a file that it would read several times is there as often
 * @param call the system call that it would make, or the request to a file
 * @param calls how often, if the kernel takes all of it: what it refuses is asked for again. Calls that mark memory cold because
 *     there is no room in swap for it count too. A scan is at least that often: one stops after 4096 regions of pages alike
 * @param asked the ranges for which the kernel would be asked
 * @param leftOut what would be left out without asking, and why
 */
public record VerbPlan(
        String verb,
        List<String> reads,
        String call,
        long calls,
        List<MemoryRange> asked,
        List<RangeOutcome.Skipped> leftOut) {

    /** Keeps copies of the lists. */
    public VerbPlan {
        reads = List.copyOf(reads);
        asked = List.copyOf(asked);
        leftOut = List.copyOf(leftOut);
    }

    /** {@return the bytes of address space for which the kernel would be asked} */
    public long askedBytes() {
        return asked.stream().mapToLong(MemoryRange::byteSize).sum();
    }

    /** {@return the bytes of address space that would be left out} */
    public long leftOutBytes() {
        return leftOut.stream().mapToLong(part -> part.range().byteSize()).sum();
    }

    /** {@return the plan in one line} */
    @Override
    public String toString() {
        return verb + ": " + (reads.isEmpty() ? "reads nothing" : "reads " + String.join(", ", reads)) + "; calls "
                + call
                + " " + Printable.count(calls, "time") + " for " + Printable.count(asked.size(), "range") + ", "
                + ByteSize.format(askedBytes())
                + (leftOut.isEmpty() ? "" : "; leaves out " + ByteSize.format(leftOutBytes()));
    }
}
