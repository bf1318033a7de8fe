package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.AddressSpaceUse;
import dev.remora.addressspace.MappingNodes;
import dev.remora.addressspace.MappingUse;
import dev.remora.addressspace.MemoryRange;
import dev.remora.sandbox.SandboxedProcess;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The figures of mappings, of a child that touches what it is told to. */
@Tag("kernel")
final class MappingUseKernelTest {

    private SandboxedProcess child;
    private RemoteMemory memory;

    @BeforeEach
    void start() {
        child = SandboxedProcess.start();
        memory = RemoteMemory.open(child.handle());
    }

    @AfterEach
    void stop() {
        memory.close();
        child.close();
    }

    private MappingUse use(MemoryRange range) {
        List<MappingUse> uses = memory.mappings().within(range).details().mappings();
        return uses.stream()
                .filter(use -> use.mapping().range().contains(range))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatIsTouchedIsInRam() {
        MemoryRange range = child.mapMemfd("touched", 8 * MiB);
        assertThat(use(range).memory().residentBytes()).isZero();
        child.touch(MemoryRange.of(range.address(), 3 * MiB));
        MappingUse use = use(range);
        assertThat(use.mapping().range()).isEqualTo(range);
        assertThat(use.memory().residentBytes() + use.memory().swappedBytes()).isGreaterThanOrEqualTo(3 * MiB);
        assertThat(use.pageBytes()).isEqualTo(memory.pageSize());
        assertThat(use.flags()).contains("rd", "wr", "sh");
        assertThat(use.memory().anonymousBytes()).isZero();
    }

    @Test
    void lockedMemoryIsLocked() {
        MemoryRange range = child.map(16 * memory.pageSize());
        child.lock(range);
        MappingUse use = use(range);
        assertThat(use.memory().lockedBytes()).isEqualTo(range.byteSize());
        assertThat(use.memory().privateDirtyBytes() + use.memory().privateCleanBytes())
                .isEqualTo(range.byteSize());
        assertThat(use.flags()).contains("lo");
    }

    @Test
    void aMappingThatCrossesTheBorderIsThereAsAWhole() {
        MemoryRange range = child.mapMemfd("whole", 4 * MiB);
        var part = MemoryRange.of(range.address() + MiB, MiB);
        AddressSpaceUse uses = memory.mappings().shared().within(part).details();
        assertThat(uses.stream())
                .singleElement()
                .satisfies(use -> assertThat(use.mapping().range()).isEqualTo(range));
    }

    @Test
    void theSumsAreThoseOfTheWholeProcess() {
        MemoryRange range = child.mapMemfd("sum", 16 * MiB);
        child.touch(range);
        var whole = memory.use();
        var added = memory.mappings().details().total();
        assertThat(whole.memory().residentBytes()).isGreaterThan(16 * MiB);
        assertThat(added.residentBytes() + added.swappedBytes()).isGreaterThan(16 * MiB);
        long difference = Math.abs(whole.memory().proportionalBytes() - added.proportionalBytes());
        assertThat(difference).as("%s, %s", whole, added).isLessThan(8 * MiB);
        whole.kinds().ifPresent(kinds -> {
            assertThat(kinds.sharedMemoryBytes() + whole.memory().swappedBytes())
                    .isGreaterThanOrEqualTo(16 * MiB);
            assertThat(kinds.anonymousBytes() + kinds.fileBytes() + kinds.sharedMemoryBytes())
                    .isBetween(
                            whole.memory().proportionalBytes() - MiB,
                            whole.memory().proportionalBytes() + MiB);
        });
    }

    @Test
    void eachMappingIsOnItsNodes() {
        MemoryRange range = child.mapMemfd("nodes", 4 * MiB);
        child.touch(range);
        List<MappingNodes> found;
        try {
            found = memory.mappings().named("/memfd:nodes*").nodesOfMappings();
        } catch (UnsupportedKernelException withoutNuma) {
            assertThat(withoutNuma).hasMessageContaining("CONFIG_NUMA");
            return;
        }
        assertThat(found).singleElement().satisfies(mapping -> {
            assertThat(mapping.mapping().range()).isEqualTo(range);
            assertThat(mapping.policy()).isEqualTo("default");
            assertThat(mapping.residentBytes()).isEqualTo(4 * MiB);
            assertThat(mapping.bytesOfNodes()).isNotEmpty();
        });
    }
}
