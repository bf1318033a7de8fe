package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a child uses and does not use since a mark. */
@Tag("kernel")
final class ColdMemoryKernelTest {

    private SandboxedProcess child;
    private RemoteMemory memory;
    private long page;
    private MemoryRange used;
    private MemoryRange unused;
    private MemoryRange empty;

    @BeforeEach
    void start() {
        child = SandboxedProcess.start();
        memory = RemoteMemory.open(child.handle());
        page = memory.pageSize();
        used = child.map(256 * page);
        unused = child.map(256 * page);
        empty = child.map(256 * page);
        child.touch(used);
        child.touch(unused);
    }

    @AfterEach
    void stop() {
        memory.close();
        child.close();
    }

    @Test
    void memoryThatWasNotUsedIsCold() {
        UseMark mark = memory.markUse(UseMark.Pages.ALL);
        child.touch(MemoryRange.of(used.address(), 10 * page));
        ColdMemory cold = memory.ranges(used, unused, empty).whatIsCold(mark);
        assertThat(cold.mappings())
                .containsExactlyInAnyOrder(
                        new UsedMapping(used, used, "", 256 * page, 10 * page),
                        new UsedMapping(unused, unused, "", 256 * page, 0),
                        new UsedMapping(empty, empty, "", 0, 0));
        assertThat(cold.ranges()).containsExactly(unused);
        assertThat(cold.coldBytes()).isEqualTo(256 * page);
        assertThat(cold.residentBytes()).isEqualTo(512 * page);
        assertThat(cold.usedBytes()).isEqualTo(10 * page);
        assertThat(cold.toString())
                .startsWith("1 MiB of 2 MiB in mappings not used for")
                .contains(" cold");
    }

    @Test
    void beforeAMarkAllIsUsed() {
        UseMark first = memory.markUse(UseMark.Pages.ALL);
        child.read(unused);
        assertThat(memory.ranges(unused).whatIsCold(first).ranges()).isEmpty();
        UseMark second = memory.markUse(UseMark.Pages.ALL);
        assertThat(memory.ranges(unused).whatIsCold(second).ranges()).containsExactly(unused);
        assertThat(second.age()).isLessThanOrEqualTo(first.age());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> memory.ranges(unused).whatIsCold(first))
                .withMessageContaining("use the mark that markUse returned last");
    }

    @Test
    void onlyWhatWasMarkedIsToldOf() {
        MemoryRange shared = child.mapMemfd("cold", 16 * page);
        child.touch(shared);
        UseMark files = memory.markUse(UseMark.Pages.OF_FILES);
        ColdMemory cold = memory.ranges(unused, shared).whatIsCold(files);
        assertThat(cold.mappings()).extracting(UsedMapping::range).containsExactly(shared);
        UseMark anonymous = memory.markUse(UseMark.Pages.ANONYMOUS);
        assertThat(memory.ranges(unused, shared).whatIsCold(anonymous).ranges()).containsExactly(unused);
    }

    @Test
    void aPartOfAMappingCanBeSelected() {
        UseMark mark = memory.markUse(UseMark.Pages.ALL);
        MemoryRange part = MemoryRange.of(unused.address() + page, 2 * page);
        MemoryRange other = MemoryRange.of(unused.address() + 8 * page, page);
        assertThat(memory.ranges(part).whatIsCold(mark).ranges()).containsExactly(part);
        ColdMemory both = memory.ranges(part, other).whatIsCold(mark);
        assertThat(both.ranges()).containsExactly(part, other);
        assertThat(both.coldBytes()).as("of one mapping").isEqualTo(256 * page);
    }

    @Test
    void theWholeProcessCanBeAsked() {
        UseMark mark = memory.markUse(UseMark.Pages.ALL);
        ColdMemory cold = memory.mappings().whatIsCold(mark);
        assertThat(cold.ranges()).contains(unused);
        assertThat(cold.residentBytes()).isGreaterThan(512 * page);
    }

    @Test
    void aMarkIsForOneProcess() {
        UseMark mark = memory.markUse(UseMark.Pages.ALL);
        try (RemoteMemory self = RemoteMemory.open(ProcessHandle.current())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> self.mappings().whatIsCold(mark))
                    .withMessageContaining("not the last one of this RemoteMemory");
        }
    }

    @Test
    void anEndedProcessIsToldOf() {
        UseMark mark = memory.markUse(UseMark.Pages.ALL);
        child.close();
        assertThatExceptionOfType(NoSuchProcessException.class)
                .isThrownBy(() -> memory.ranges(unused).whatIsCold(mark));
        assertThatExceptionOfType(NoSuchProcessException.class).isThrownBy(() -> memory.markUse(UseMark.Pages.ALL));
    }
}
