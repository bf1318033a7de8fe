package dev.remora;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingUse;
import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.MappingUses;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.RangeList;
import java.util.ArrayList;
import java.util.List;

/** Finds out which mappings were used since a mark. Failures are {@link dev.remora.syscall.ErrnoException}. */
final class ColdMappings {

    private final List<UsedMapping> found = new ArrayList<>();
    private final UseMark mark;

    private ColdMappings(UseMark mark) {
        this.mark = mark;
    }

    static ColdMemory of(ProcDirectory process, UseMark mark, RangeList selected) {
        RangeList ranges = PageMark.ascending(selected);
        var mappings = new ColdMappings(mark);
        var since = mark.age();
        for (MappingUse use : MappingUses.read(process, _ -> true)) {
            mappings.add(use, ranges);
        }
        return new ColdMemory(since, mappings.found);
    }

    private void add(MappingUse use, RangeList ranges) {
        Mapping mapping = use.mapping();
        if (!covered(mapping)) {
            return;
        }
        for (int i = ranges.firstEndingAfter(mapping.address()); i < ranges.size(); i++) {
            long from = Math.max(ranges.address(i), mapping.address());
            long to = Math.min(ranges.address(i) + ranges.byteSize(i), mapping.end());
            if (from >= to) {
                return;
            }
            found.add(new UsedMapping(
                    MemoryRange.between(from, to),
                    mapping.range(),
                    mapping.name(),
                    use.memory().residentBytes(),
                    use.memory().referencedBytes()));
        }
    }

    private boolean covered(Mapping mapping) {
        return switch (mark.pages()) {
            case ALL -> true;
            case ANONYMOUS -> !mapping.fileBacked();
            case OF_FILES -> mapping.fileBacked();
        };
    }
}
