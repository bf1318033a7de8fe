package dev.remora;

import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.text.TextTable;
import java.util.List;

/**
 * Which pages of some memory a process wrote since a mark.
 *
 * {@snippet file="Pages.java" region="written"}
 *
 * @param written the pages that were written, or given back ({@code MADV_DONTNEED}), since the mark
 * @param unmarked what was asked for and has no mark, because it was not marked or is not mapped any more, as after an {@code
 *     execve}: whether it was written is not known
 */
public record WrittenPages(List<MemoryRange> written, List<MemoryRange> unmarked) {

    /** Keeps copies of the lists. */
    public WrittenPages {
        written = List.copyOf(written);
        unmarked = List.copyOf(unmarked);
    }

    /** {@return how many bytes the written pages have} */
    public long writtenBytes() {
        return bytes(written);
    }

    /** {@return how many bytes are not marked} */
    public long unmarkedBytes() {
        return bytes(unmarked);
    }

    private static long bytes(List<MemoryRange> ranges) {
        return ranges.stream().mapToLong(MemoryRange::byteSize).sum();
    }

    /** {@return a table of the written pages} */
    @Override
    public String toString() {
        String rest = unmarked.isEmpty() ? "" : ", and " + ByteSize.format(unmarkedBytes()) + " without a mark";
        var table = new TextTable(ByteSize.format(writtenBytes()) + " written" + rest, "<>");
        written.forEach(range -> table.row(range.toString(), ByteSize.format(range.byteSize())));
        return table.toString();
    }
}
