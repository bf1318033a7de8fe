package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingQuery;
import dev.remora.bindings.Linux;
import dev.remora.syscall.Syscall;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users are told when a look fails; and that nothing stays open. */
final class LookingTest {

    private static final long PAGE = SimulatedKernel.PAGE;

    private final SimulatedKernel kernel = new SimulatedKernel()
            .map(PAGE, PAGE, SimulatedKernel.Kind.PLAIN, "[heap]")
            .map(4 * PAGE, PAGE, SimulatedKernel.Kind.PLAIN);
    private final RemoteMemory memory = RemoteMemory.open(SimulatedKernel.PID, kernel);

    @AfterEach
    void nothingStaysOpen() {
        memory.close();
        assertThat(kernel.openFiles()).isZero();
    }

    private List<ThrowingCallable> looks() {
        return List.of(
                memory::addressSpace,
                () -> memory.mappingAt(PAGE),
                () -> memory.mappingFrom(PAGE),
                () -> memory.buildIdAt(PAGE),
                memory::use,
                memory::jvm,
                () -> memory.mappings().details(),
                () -> memory.mappings().nodesOfMappings(),
                () -> memory.mappings().javaHeap().matching());
    }

    /** This kernel is older than 6.11. */
    @Test
    void oneMappingIsFoundByText() {
        assertThat(memory.mappingAt(PAGE)).map(Mapping::name).contains("[heap]");
        assertThat(memory.mappingAt(2 * PAGE)).isEmpty();
        assertThat(memory.mappingFrom(2 * PAGE)).map(Mapping::address).contains(4 * PAGE);
        assertThat(memory.mappingFrom(0, MappingQuery.any().shared())).isEmpty();
        assertThat(kernel.count(Syscall.IOCTL)).isEqualTo(4);
    }

    @Test
    void buildIdsNeedANewerKernel() {
        assertThatExceptionOfType(UnsupportedKernelException.class)
                .isThrownBy(() -> memory.buildIdAt(PAGE))
                .withMessageContaining("ENOTTY")
                .withMessageContaining("Linux 6.11")
                .withMessageContaining("readelf -n");
    }

    @Test
    void aFilterThatForbidsTheCallIsNamed() {
        kernel.fail(Syscall.IOCTL, Linux.EPERM());
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(() -> memory.buildIdAt(PAGE))
                .withMessageContaining("PROCMAP_QUERY")
                .withMessageContaining("seccomp");
    }

    @Test
    void nodesNeedAKernelWithNuma() {
        assertThatExceptionOfType(UnsupportedKernelException.class)
                .isThrownBy(() -> memory.mappings().nodesOfMappings())
                .withMessageContaining("CONFIG_NUMA");
    }

    @ParameterizedTest
    @ValueSource(strings = {"maps", "smaps", "smaps_rollup", "numa_maps"})
    void aFileThatMayNotBeReadIsAMissingRight(String file) {
        kernel.refusals.put(file, Linux.EACCES());
        ThrowingCallable look = switch (file) {
            case "maps" -> () -> memory.mappingAt(PAGE);
            case "smaps" -> () -> memory.mappings().details();
            case "smaps_rollup" -> memory::use;
            default -> () -> memory.mappings().nodesOfMappings();
        };
        assertThatExceptionOfType(PermissionDeniedException.class)
                .isThrownBy(look)
                .withMessageContaining(file);
    }

    @Test
    void aProcessThatHasEndedIsGoneForEveryLook() {
        for (String file : List.of("maps", "smaps", "smaps_rollup", "numa_maps")) {
            kernel.refusals.put(file, Linux.ESRCH());
        }
        for (ThrowingCallable look : looks()) {
            assertThatExceptionOfType(NoSuchProcessException.class)
                    .isThrownBy(look)
                    .matches(failure -> failure.reason() == NoSuchProcessException.Reason.ENDED);
        }
    }

    @Test
    void aClosedHandleLooksAtNothing() {
        memory.close();
        for (ThrowingCallable look : looks()) {
            assertThatIllegalStateException().isThrownBy(look).withMessageContaining("was closed");
        }
    }
}
