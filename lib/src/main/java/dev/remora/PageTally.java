package dev.remora;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What became of pages, with every page counted once.
 *
 * @param parts what became of which pages, in the order of the request
 * @param bytesByFate how many bytes there are of each fate; fates that no page had are missing
 */
public record PageTally(List<MovedRange> parts, Map<PageFate, Long> bytesByFate) {

    static final PageTally NONE = new PageTally(List.of(), Map.of());

    /** Creates a tally. */
    public PageTally {
        bytesByFate = Map.copyOf(bytesByFate);
    }

    static PageTally of(List<MovedRange> parts) {
        Map<PageFate, Long> sums = new EnumMap<>(PageFate.class);
        parts.forEach(part -> sums.merge(part.fate(), part.range().byteSize(), Long::sum));
        return new PageTally(parts, sums);
    }

    /**
     * {@return how many bytes had this fate}
     *
     * @param fate what became of them
     */
    public long bytes(PageFate fate) {
        return bytesByFate.getOrDefault(fate, 0L);
    }

    boolean allSettled() {
        return bytesByFate.keySet().stream().allMatch(PageFate::settled);
    }
}
