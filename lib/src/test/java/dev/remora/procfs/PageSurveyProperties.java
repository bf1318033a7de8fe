package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.procfs.PageSurvey.Method;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Scanning and reading entries say the same of what both can tell, wherever scans stop. */
final class PageSurveyProperties {

    private static final long PAGE = SimulatedPageMap.PAGE;
    private static final long BASE = SimulatedPageMap.BASE;
    private static final int BOTH = PageStates.PRESENT | PageStates.SWAPPED | PageStates.FILE | PageStates.GUARD;

    @Provide
    Arbitrary<Integer> categories() {
        return Arbitraries.of(0, 8, 8 | 2, 8 | 4, 16, 16 | 4, 8 | 32, 8 | 64, 16 | 256, 8 | 128, 8 | 1, 8 | 1 | 2);
    }

    @Property(tries = 300)
    void bothWaysAgree(
            @ForAll @Size(max = 200) List<@From("categories") Integer> pages,
            @ForAll @LongRange(min = 1, max = 50) long patience) {
        var kernel = new SimulatedPageMap();
        kernel.patience = patience;
        for (int i = 0; i < pages.size(); i++) {
            kernel.pages.put(BASE + i * PAGE, pages.get(i));
        }
        var ranges = new RangeList(1);
        ranges.add(BASE, 256 * PAGE);
        try (var process = ProcDirectory.open(kernel, 4711)) {
            int[] scanned = byPage(PageSurvey.of(kernel, process, ranges, PAGE, Method.BEST));
            int[] read = byPage(PageSurvey.of(kernel, process, ranges, PAGE, Method.ENTRIES));
            assertThat(scanned).isEqualTo(read);
        }
    }

    static int[] byPage(PageSurvey survey) {
        int[] found = new int[256];
        PageStates states = survey.states();
        for (int i = 0; i < states.size(); i++) {
            for (long address = states.from(i); address < states.to(i); address += PAGE) {
                assertThat(found[(int) ((address - BASE) / PAGE)])
                        .as("told of once")
                        .isZero();
                found[(int) ((address - BASE) / PAGE)] = states.state(i) & BOTH;
            }
        }
        return found;
    }
}
