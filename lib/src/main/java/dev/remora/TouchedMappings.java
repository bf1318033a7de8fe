package dev.remora;

import dev.remora.procfs.MappingDetail;
import dev.remora.procfs.MappingDetails;
import dev.remora.procfs.RangeList;
import java.util.Collection;
import java.util.TreeMap;

/** The mappings that the ranges of a request touch, as far as the kernel is to be asked for them. */
final class TouchedMappings {

    private final Collection<MappingDetail> mappings;

    private TouchedMappings(Collection<MappingDetail> mappings) {
        this.mappings = mappings;
    }

    static TouchedMappings of(MappingDetails all, RangeList ranges) {
        var touched = new TreeMap<Long, MappingDetail>();
        for (int i = 0; i < ranges.size(); i++) {
            if (!ranges.leftOut(i)) {
                all.cut(ranges.address(i), ranges.address(i) + ranges.byteSize(i), (_, _, mapping) -> {
                    if (mapping != null) {
                        touched.put(mapping.address(), mapping);
                    }
                });
            }
        }
        return new TouchedMappings(touched.values());
    }

    MemoryUse use() {
        return mappings.stream().map(TouchedMappings::use).reduce(MemoryUse.NONE, MemoryUse::plus);
    }

    private static MemoryUse use(MappingDetail mapping) {
        long named = mapping.residentBytes() - mapping.anonymousBytes();
        boolean shared = mapping.kind() == MappingDetail.Kind.SHARED_MEMORY;
        return new MemoryUse(
                mapping.anonymousBytes(),
                shared ? 0 : named,
                shared ? named : 0,
                mapping.swappedBytes(),
                mapping.hugeBytes());
    }

    /** What of them needs swap to leave RAM. */
    long needingSwapBytes() {
        return mappings.stream().mapToLong(MappingDetail::needingSwapBytes).sum();
    }
}
