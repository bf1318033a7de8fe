package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.procfs.RangeList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the kernel calls a mapping, and what that says of its layout. */
final class LayoutChangesTest {

    private static final long PAGE = 4096;
    private static final long BASE = 0x7ffc_0000_0000L;
    private static final MemoryRange LOWER = MemoryRange.of(BASE, 2 * PAGE);
    private static final MemoryRange UPPER = MemoryRange.of(BASE + 2 * PAGE, 2 * PAGE);
    private static final MemoryRange WHOLE = MemoryRange.of(BASE, 4 * PAGE);

    private static Mapping mapping(MemoryRange range, boolean shared, String name) {
        return new Mapping(range, Protection.READ_WRITE, shared, 0, 0, 0, name);
    }

    private static List<MemoryRange> changes(List<Mapping> before, List<Mapping> after) {
        var ranges = new RangeList(1);
        ranges.add(WHOLE.address(), WHOLE.byteSize());
        return LayoutChanges.between(new AddressSpace(before), new AddressSpace(after), ranges);
    }

    /** As {@code mbind(2)} does, for a part. */
    @Test
    void aStackThatIsCutInTwoIsNamedOnceAndHasNotChanged() {
        List<Mapping> whole = List.of(mapping(WHOLE, false, "[stack]"));
        List<Mapping> cut = List.of(mapping(LOWER, false, ""), mapping(UPPER, false, "[stack]"));
        assertThat(changes(whole, cut)).isEmpty();
        assertThat(changes(cut, whole)).isEmpty();
    }

    @Test
    void anotherNameIsAChange() {
        List<Mapping> stack = List.of(mapping(WHOLE, false, "[stack]"));
        for (String name : List.of("[heap]", "[anon:stack]", "[vvar]")) {
            assertThat(changes(stack, List.of(mapping(WHOLE, false, name)))).containsExactly(WHOLE);
            assertThat(changes(List.of(mapping(WHOLE, false, "")), List.of(mapping(WHOLE, false, name))))
                    .containsExactly(WHOLE);
        }
        assertThat(changes(stack, List.of(mapping(WHOLE, true, "")))).containsExactly(WHOLE);
    }
}
