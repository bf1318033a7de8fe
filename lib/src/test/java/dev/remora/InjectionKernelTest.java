package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Makes real processes place their memory on node 0, which every host has. */
@Tag("kernel")
@RequiresRightToAdvise
final class InjectionKernelTest {

    private static final MemoryPolicy HERE = MemoryPolicy.bind(NodeSet.of(0));
    private static final Mechanism.Injected UNCONFINED = Mechanism.INJECTED.suspendingSeccomp();

    private static MappingSelection stack(RemoteMemory memory) {
        return memory.mappings().named("[stack]");
    }

    private static String numaMaps(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/numa_maps"));
    }

    private static void assertNobodyTraces(long pid) {
        assertThat(Proc.textOfThreads(pid, "status"))
                .isNotEmpty()
                .allSatisfy(
                        status -> assertThat(status).contains("TracerPid:\t0\n").doesNotContain("State:\tt"));
    }

    /** Whoever was let go runs for a moment before it sleeps or stops again. */
    private static void awaitState(long pid, char state) {
        Await.until(() -> Proc.text(pid, "status").contains("\nState:\t" + state));
    }

    @Test
    void aProcessSetsItsOwnPolicyAndGoesOn() throws IOException {
        try (Specimen crowd = Specimen.start("crowd", 1);
                RemoteMemory memory = RemoteMemory.open(crowd.numbers().getFirst())) {
            PlacementOutcome outcome = stack(memory).place(HERE, Mechanism.INJECTED);
            assertThat(outcome).isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(outcome.mechanism()).contains(Mechanism.INJECTED);
            assertThat(((PlacementOutcome.Complete) outcome).figures().confirmedBytes())
                    .isEqualTo(outcome.placedBytes())
                    .isPositive();
            assertThat(((PlacementOutcome.Complete) outcome).figures().standstill())
                    .isPositive();
            assertThat(numaMaps(memory.pid())).containsPattern("bind:0 .*stack");
            assertNobodyTraces(memory.pid());
            awaitState(memory.pid(), 'S');
            assertThat(stack(memory).place(MemoryPolicy.systemDefault(), Mechanism.INJECTED))
                    .isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(numaMaps(memory.pid())).doesNotContain("bind");
        }
    }

    @Test
    void holesAreSkippedAndWhatIsMappedIsPlaced() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = child.map(8 * MiB);
            child.unmap(MemoryRange.of(range.address() + 2 * MiB, MiB));
            PlacementOutcome outcome = memory.ranges(range).place(HERE, UNCONFINED);
            assertThat(outcome.parts())
                    .containsExactly(
                            new PlacedRange.Placed(MemoryRange.of(range.address(), 2 * MiB)),
                            new PlacedRange.Skipped(
                                    MemoryRange.of(range.address() + 2 * MiB, MiB), SkipReason.HOLE, 14),
                            new PlacedRange.Placed(MemoryRange.of(range.address() + 3 * MiB, 5 * MiB)));
            assertThat(((PlacementOutcome.Partial) outcome).figures().confirmedBytes())
                    .isEqualTo(7 * MiB);
        }
    }

    @Test
    void aConfinedProcessIsLeftAlone() throws IOException {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = child.map(MiB);
            assertObstacle(memory.ranges(range).place(HERE, Mechanism.INJECTED), InjectionObstacle.CONFINED);
            assertThat(memory.ranges(range).place(HERE, UNCONFINED)).isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(Proc.textOfThreads(child.pid(), "status"))
                    .isNotEmpty()
                    .allSatisfy(status ->
                            assertThat(status).as("seccomp is in force again").contains("Seccomp:\t2"));
            assertNobodyTraces(child.pid());
        }
    }

    private static void assertObstacle(PlacementOutcome outcome, InjectionObstacle obstacle) {
        assertThat(outcome).isInstanceOf(PlacementOutcome.NotInjected.class);
        assertThat(((PlacementOutcome.NotInjected) outcome).obstacle()).isEqualTo(obstacle);
        assertThat(outcome.skippedBytes()).isEqualTo(outcome.requestedBytes()).isPositive();
        assertThat(outcome.parts())
                .allSatisfy(part -> assertThat(part)
                        .isInstanceOfSatisfying(
                                PlacedRange.Skipped.class,
                                skipped -> assertThat(skipped.reason()).isEqualTo(SkipReason.NOT_INJECTED)));
    }

    @Test
    void aProcessThatIsTracedIsLeftToItsTracer() throws IOException {
        try (Specimen crowd = Specimen.start("crowd", 1);
                Specimen tracer = Specimen.start("tracing", crowd.numbers().getFirst());
                RemoteMemory memory = RemoteMemory.open(crowd.numbers().getFirst())) {
            PlacementOutcome outcome = stack(memory).place(HERE, Mechanism.INJECTED);
            assertObstacle(outcome, InjectionObstacle.TRACED);
            assertThat(((PlacementOutcome.NotInjected) outcome).tracerPid()).isEqualTo(OptionalLong.of(tracer.pid()));
            assertThat(outcome.toString()).contains("process " + tracer.pid());
        }
    }

    @Test
    void aPendingTrapIsNotMistakenForOurs() throws IOException {
        try (Specimen trapped = Specimen.start("trapped");
                RemoteMemory memory = RemoteMemory.open(trapped.numbers().getFirst())) {
            assertObstacle(stack(memory).place(HERE, Mechanism.INJECTED), InjectionObstacle.TRAP_PENDING);
        }
    }

    @Test
    void aChildOfThisJvmWithOneThreadIsLeftAloneAndJavaStillWaitsForIt() throws IOException {
        try (Specimen child = Specimen.start("crowd", 0);
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            assertObstacle(stack(memory).place(HERE, Mechanism.INJECTED), InjectionObstacle.OWN_CHILD);
            assertThat(child.process().isAlive()).isTrue();
        }
    }

    @Test
    void aStoppedProcessStaysStopped() throws Exception {
        try (Specimen crowd = Specimen.start("crowd", 1);
                RemoteMemory memory = RemoteMemory.open(crowd.numbers().getFirst())) {
            send("STOP", memory.pid());
            awaitState(memory.pid(), 'T');
            assertThat(stack(memory).place(HERE, Mechanism.INJECTED)).isInstanceOf(PlacementOutcome.Complete.class);
            Thread.sleep(50);
            awaitState(memory.pid(), 'T');
            send("CONT", memory.pid());
            awaitState(memory.pid(), 'S');
        }
    }

    private static void send(String signal, long pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void whoHasEndedIsGone() throws Exception {
        try (Specimen crowd = Specimen.start("crowd", 1);
                RemoteMemory memory = RemoteMemory.open(crowd.numbers().getFirst())) {
            MemoryRange stack = stack(memory).matching().mappings().getFirst().range();
            var _ = memory.killAndRelease();
            assertThat(memory.awaitExit(Duration.ofSeconds(30))).isPresent();
            assertThat(memory.ranges(stack).place(HERE, Mechanism.INJECTED))
                    .isInstanceOf(PlacementOutcome.ProcessGone.class);
        }
    }

    @Test
    void whatIsWrongIsSaidBeforeTheProcessIsTouched() throws IOException {
        try (Specimen crowd = Specimen.start("crowd", 1);
                RemoteMemory memory = RemoteMemory.open(crowd.numbers().getFirst())) {
            MappingSelection stack = stack(memory);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> stack.place(MemoryPolicy.bind(NodeSet.of(1023)), Mechanism.INJECTED))
                    .withMessageContaining("no node 1023");
            assertThatExceptionOfType(UnsupportedKernelException.class)
                    .isThrownBy(() -> stack.place(HERE))
                    .withMessageContaining("Mechanism.INJECTED")
                    .withMessageContaining("moveTo")
                    .withMessageContaining("OwnMemory")
                    .withMessageContaining("-Ddev.remora.processMbind=");
            assertThat(memory.mappings().named("nothing has this name").place(HERE, Mechanism.INJECTED))
                    .isEqualTo(
                            new PlacementOutcome.NothingSelected(Placement.of(HERE), Optional.of(Mechanism.INJECTED)));
        }
    }

    @Test
    void thisProcessIsToldToPlaceItsMemoryItself() {
        try (RemoteMemory self = RemoteMemory.open(ProcessHandle.current().pid())) {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> stack(self).place(HERE, Mechanism.INJECTED))
                    .withMessageContaining("OwnMemory");
        }
    }
}
