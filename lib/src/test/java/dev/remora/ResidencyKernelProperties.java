package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MemoryRange;
import dev.remora.procfs.PageStates;
import dev.remora.procfs.PageSurvey;
import dev.remora.procfs.PageSurvey.Method;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.RangeList;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.syscall.LinuxKernel;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;

/** Both ways to look at pages of a real process say the same of what both can tell, and what the child knows. */
@Tag("kernel")
final class ResidencyKernelProperties {

    static final int PAGES = 3000;
    private static final int BOTH = PageStates.PRESENT | PageStates.SWAPPED | PageStates.FILE | PageStates.SOFT_DIRTY;

    private enum Deed {
        TOUCH,
        READ,
        MAKE_COLD,
        NOTHING
    }

    private static final SandboxedProcess CHILD = SandboxedProcess.start();
    private static final RemoteMemory MEMORY = RemoteMemory.open(CHILD.handle());

    @AfterContainer
    static void stop() {
        MEMORY.close();
        CHILD.close();
    }

    @Property(tries = 40)
    void bothWaysAgree(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(max = PAGES - 1) Integer> starts,
            @ForAll @Size(12) List<@IntRange(min = 1, max = 80) Integer> lengths,
            @ForAll @Size(12) List<@IntRange(max = 3) Integer> deeds,
            @ForAll @IntRange(max = 1400) int stripes,
            @ForAll boolean shared) {
        long page = MEMORY.pageSize();
        MemoryRange range = shared ? CHILD.mapShared(PAGES * page) : CHILD.map(PAGES * page);
        boolean[] used = new boolean[PAGES];
        for (int i = 0; i < 2 * stripes; i += 2) {
            CHILD.touch(MemoryRange.of(range.address() + i * page, page));
            used[i] = true;
        }
        for (int i = 0; i < starts.size(); i++) {
            int count = Math.min(lengths.get(i), PAGES - starts.get(i));
            Deed deed = Deed.values()[deeds.get(i)];
            act(deed, MemoryRange.of(range.address() + starts.get(i) * page, count * page));
            for (int j = starts.get(i); j < starts.get(i) + count; j++) {
                used[j] |= deed == Deed.TOUCH || deed == Deed.READ;
            }
        }
        int[] scanned = states(range, page, Method.BEST);
        assertThat(scanned).isEqualTo(states(range, page, Method.ENTRIES));
        for (int i = 0; i < PAGES; i++) {
            boolean there = (scanned[i] & (PageStates.PRESENT | PageStates.SWAPPED)) != 0;
            assertThat(there || (shared && used[i])).as("page %s", i).isEqualTo(used[i]);
        }
        CHILD.unmap(range);
    }

    /** Without the right to advise, or swap, nothing goes, which is as good. */
    private static void act(Deed deed, MemoryRange range) {
        switch (deed) {
            case TOUCH -> CHILD.touch(range);
            case READ -> CHILD.read(range);
            case MAKE_COLD -> {
                try {
                    var _ = MEMORY.ranges(range).swapGuard(SwapGuard.OFF).pageOut();
                } catch (PermissionDeniedException ordinaryUser) {
                    return;
                }
            }
            case NOTHING -> {}
        }
    }

    private static int[] states(MemoryRange range, long page, Method method) {
        var ranges = new RangeList(1);
        ranges.add(range.address(), range.byteSize());
        int[] found = new int[PAGES];
        try (var process = ProcDirectory.open(LinuxKernel.instance(), (int) MEMORY.pid())) {
            PageStates states = PageSurvey.of(LinuxKernel.instance(), process, ranges, page, method)
                    .states();
            for (int i = 0; i < states.size(); i++) {
                for (long address = states.from(i); address < states.to(i); address += page) {
                    int index = (int) ((address - range.address()) / page);
                    assertThat(found[index]).as("told of once").isZero();
                    found[index] = states.state(i) & BOTH;
                }
            }
        }
        return found;
    }
}
