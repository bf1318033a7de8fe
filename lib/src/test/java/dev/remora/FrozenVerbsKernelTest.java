package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MemoryRange;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What verbs do on a process that stands still. */
@Tag("kernel")
final class FrozenVerbsKernelTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final MemoryPolicy HERE = MemoryPolicy.bind(NodeSet.of(0));

    @ParameterizedTest
    @EnumSource
    @RequiresRightToAdvise
    void verbsWorkOnWhatStandsStill(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<AdviceOutcome> advised = memory.whileFrozen(
                    LONG, method, frozen -> frozen.mappings().anonymous().markCold());
            assertThat(advised.stoodStill()).isTrue();
            assertThat(advised.result().orElseThrow().advisedBytes()).isPositive();
            FrozenOutcome<AdviceOutcome> pagedOut = memory.whileFrozen(
                    LONG, method, frozen -> frozen.mappings().fileBacked().pageOut());
            assertThat(pagedOut.result().orElseThrow().advisedBytes()).isPositive();
            FrozenOutcome<MoveOutcome> moved = memory.whileFrozen(
                    LONG, method, frozen -> frozen.mappings().named("[stack]").moveTo(NodeSet.of(0)));
            assertThat(moved.stoodStill()).isTrue();
            assertThat(moved.result().orElseThrow()).isInstanceOf(MoveOutcome.Complete.class);
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource
    @RequiresRightToAdvise
    void aProcessThatStandsStillPlacesItsMemoryOrSaysWhyNot(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<PlacementOutcome> outcome = memory.whileFrozen(LONG, method, frozen -> {
                List<Long> before = target.counters();
                PlacementOutcome first = frozen.mappings().named("[stack]").place(HERE, Mechanism.INJECTED);
                PlacementOutcome second = frozen.mappings().named("[stack]").place(HERE, Mechanism.INJECTED);
                assertThat(second.getClass()).isEqualTo(first.getClass());
                assertThat(target.counters()).isEqualTo(before);
                return second;
            });
            PlacementOutcome placed = outcome.result().orElseThrow();
            if (method == FreezeMethod.CGROUP_V1 || method == FreezeMethod.CGROUP_V2) {
                assertThat(placed)
                        .isInstanceOfSatisfying(
                                PlacementOutcome.NotInjected.class,
                                not -> assertThat(not.obstacle())
                                        .isEqualTo(
                                                method == FreezeMethod.CGROUP_V2
                                                        ? InjectionObstacle.FROZEN
                                                        : InjectionObstacle.NO_THREAD));
            } else {
                assertThat(placed).as(placed.toString()).isInstanceOf(PlacementOutcome.Complete.class);
            }
            assertThat(outcome.stoodStill()).as(outcome.toString()).isTrue();
            target.awaitProgress();
            assertThat(memory.mappings().named("[stack]").place(MemoryPolicy.systemDefault(), Mechanism.INJECTED))
                    .isInstanceOf(PlacementOutcome.Complete.class);
        }
    }

    /** Its filter refuses mbind; it stands still before it is known that it is to make that call. */
    @Test
    @RequiresRightToAdvise
    void aConfinedProcessThatStandsStillPlacesItsMemoryIfSeccompIsSuspended() throws Exception {
        String mbind = Integer.toString(Syscall.MBIND.number());
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        "\"$0\" filtering " + mbind + " 1 sleep 1000 & echo $!; read line; kill $!",
                        Specimen.program().toString())
                .start();
        try (var output = shell.inputReader();
                RemoteMemory memory = RemoteMemory.open(Long.parseLong(output.readLine()))) {
            Await.until(() -> status(memory.pid()).contains("Seccomp:\t2")
                    && memory.mappings().named("[stack]").matching().size() == 1);
            FrozenOutcome<List<PlacementOutcome>> outcome = memory.whileFrozen(LONG, FreezeMethod.PTRACE, frozen -> {
                MappingSelection stack = frozen.mappings().named("[stack]");
                return List.of(
                        stack.place(HERE, Mechanism.INJECTED),
                        stack.place(HERE, Mechanism.INJECTED.suspendingSeccomp()),
                        stack.place(HERE, Mechanism.INJECTED));
            });
            assertThat(outcome.stoodStill()).isTrue();
            List<PlacementOutcome> placed = outcome.result().orElseThrow();
            assertThat(placed.get(0))
                    .isInstanceOfSatisfying(
                            PlacementOutcome.NotInjected.class,
                            not -> assertThat(not.obstacle()).isEqualTo(InjectionObstacle.CONFINED));
            assertThat(placed.get(1)).isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(placed.get(2)).isInstanceOf(PlacementOutcome.NotInjected.class);
            assertThat(status(memory.pid())).contains("Seccomp:\t2").contains("TracerPid:\t0");
        } finally {
            shell.getOutputStream().close();
            shell.waitFor();
        }
    }

    private static String status(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/status"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The freeze traces the process already, which holds its number. */
    @Test
    void whatIsWrittenToWhatIsTracedIsWrittenAtOnce() throws IOException {
        var written = new AtomicInteger();
        var writtenByFile = new AtomicInteger();
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
            if (number == Syscall.PROCESS_VM_WRITEV.number()) {
                written.incrementAndGet();
            }
            if (number == Syscall.PWRITE64.number()) {
                writtenByFile.incrementAndGet();
            }
            return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        };
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
            long stack = memory.mappings()
                    .named("[stack]")
                    .matching()
                    .mappings()
                    .getFirst()
                    .range()
                    .address();
            FrozenOutcome<byte[]> outcome = memory.whileFrozen(LONG, FreezeMethod.PTRACE, frozen -> {
                frozen.write(stack, new byte[] {1, 2, 3});
                return frozen.read(MemoryRange.of(stack, 3));
            });
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(outcome.result().orElseThrow()).containsExactly(1, 2, 3);
            assertThat(written).hasPositiveValue();
            assertThat(writtenByFile).hasValue(0);
            target.awaitProgress();
        }
    }
}
