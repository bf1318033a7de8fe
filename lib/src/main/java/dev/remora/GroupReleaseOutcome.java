package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.text.TextTable;
import java.util.List;

/**
 * What became of the processes of a cgroup.
 *
 * @param outcomes what became of the memory of each, in the order in which they were found
 * @param left how many processes the cgroup still had at the end that are not among the outcomes: they cannot be seen
 *     from this pid namespace, belong to the kernel, were started when the limit was over, or could not be opened or
 *     signalled when others had been killed already. If the cgroup could not be read at the end, it is one at least
 */
public record GroupReleaseOutcome(List<ReleaseOutcome> outcomes, int left) {

    /** Takes a copy of the list. */
    public GroupReleaseOutcome {
        outcomes = List.copyOf(outcomes);
    }

    /** {@return whether all processes were ended, and all their memory is back} */
    public boolean released() {
        return left == 0 && outcomes.stream().allMatch(ReleaseOutcome::released);
    }

    /** {@return a table with a row per process} */
    @Override
    public String toString() {
        long bytes = outcomes.stream()
                .mapToLong(outcome -> outcome.figures().residentBytesBefore())
                .sum();
        String headline = outcomes.size() + " ended, " + left + " left; " + ByteSize.format(bytes) + " resident before";
        var table = new TextTable(headline, "<");
        outcomes.forEach(outcome -> table.row(outcome.toString()));
        return table.toString();
    }
}
