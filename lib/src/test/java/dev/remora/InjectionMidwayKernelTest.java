package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Looks at, and disturbs, processes in the middle of being made to make calls. */
@Tag("kernel")
@RequiresRightToAdvise
final class InjectionMidwayKernelTest {

    private static final MemoryPolicy HERE = MemoryPolicy.bind(NodeSet.of(0));
    private static final Mechanism.Injected UNCONFINED = Mechanism.INJECTED.suspendingSeccomp();
    private static final int COUNTING = 3;

    private final Map<Integer, Integer> requests = new HashMap<>();

    /** The real kernel, with something that happens before a thread is sent to a call for the nth time. */
    private Kernel before(int nth, Runnable event) {
        return (number, a0, a1, a2, a3, a4, a5) -> {
            if (number == Syscall.PTRACE.number()) {
                int count = requests.merge((int) a0, 1, Integer::sum);
                if (a0 == Linux.PTRACE_SYSCALL() && count == nth) {
                    event.run();
                }
            }
            return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        };
    }

    private static MemoryRange[] everySecondPage(MemoryRange range, long page) {
        return IntStream.range(0, (int) (range.byteSize() / page / 2))
                .mapToObj(i -> MemoryRange.of(range.address() + 2L * i * page, page))
                .toArray(MemoryRange[]::new);
    }

    @Test
    void tenThousandRangesTakeOneStop() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid(), before(0, () -> {}))) {
            long page = memory.pageSize();
            MemoryRange[] ranges = everySecondPage(child.map(20_000 * page), page);
            PlacementOutcome outcome =
                    memory.ranges(ranges).place(Placement.of(HERE).leavingPages(), UNCONFINED);
            assertThat(outcome).isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(outcome.parts()).hasSize(10_000);
            assertThat(((PlacementOutcome.Complete) outcome).figures().confirmedBytes())
                    .isEqualTo(10_000 * page);
            assertThat(requests)
                    .containsEntry(Linux.PTRACE_SEIZE(), 1)
                    .containsEntry(Linux.PTRACE_DETACH(), 1)
                    .containsEntry(Linux.PTRACE_SYSCALL(), 20_000);
        }
    }

    @Test
    void whatWasPlacedBeforeTheProcessWasKilledIsTold() throws InterruptedException {
        try (SandboxedProcess child = SandboxedProcess.start()) {
            Kernel kernel = before(21, () -> {
                try (RemoteMemory victim = RemoteMemory.open(child.pid())) {
                    var _ = victim.kill();
                    Await.until(() -> hasNoMemory(child.pid()));
                }
            });
            try (RemoteMemory memory = RemoteMemory.open(child.pid(), kernel)) {
                MemoryRange[] ranges = everySecondPage(child.map(200 * memory.pageSize()), memory.pageSize());
                PlacementOutcome outcome = memory.ranges(ranges).place(HERE, UNCONFINED);
                assertThat(outcome).isInstanceOf(PlacementOutcome.ProcessGone.class);
                assertThat(outcome.parts()).hasSize(100);
                assertThat(outcome.parts().subList(0, 10))
                        .allSatisfy(part -> assertThat(part).isInstanceOf(PlacedRange.Placed.class));
                assertThat(outcome.parts().getLast()).isInstanceOf(PlacedRange.NotReached.class);
                assertThat(memory.awaitExit(Duration.ofSeconds(30)))
                        .as("nobody holds it any more")
                        .isPresent();
            }
        }
    }

    /** It is not collected yet, for it has a tracer. */
    private static boolean hasNoMemory(long pid) {
        return Proc.text(pid, "statm").startsWith("0 ");
    }

    private static List<Long> counters(long pid, long address) {
        try (var memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            List<Long> counters = new ArrayList<>();
            memory.seek(address);
            for (int i = 0; i < COUNTING; i++) {
                counters.add(Long.reverseBytes(memory.readLong()));
            }
            return counters;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A sleeping thread is chosen before one that counts. */
    private static void awaitSleep(long pid) {
        Await.until(() -> Proc.text(pid, "task/" + pid + "/stat").contains(") S "));
    }

    private static void awaitCounting(long pid, long address) {
        List<Long> before = counters(pid, address);
        Await.until(() -> {
            List<Long> after = counters(pid, address);
            return IntStream.range(0, COUNTING).allMatch(thread -> after.get(thread) > before.get(thread));
        });
    }

    @Test
    void allThreadsStandStillWhenThatIsAskedForAndRunOnAfterwards() throws IOException {
        try (Specimen counting = Specimen.start("counting", COUNTING)) {
            long pid = counting.numbers().getFirst();
            long address = counting.numbers().getLast();
            awaitCounting(pid, address);
            List<List<Long>> looks = new ArrayList<>();
            Kernel kernel = before(1, () -> {
                looks.add(counters(pid, address));
                LockSupport.parkNanos(50_000_000);
                looks.add(counters(pid, address));
            });
            try (RemoteMemory memory = RemoteMemory.open(pid, kernel)) {
                assertThat(memory.mappings().named("[stack]").place(HERE, Mechanism.INJECTED.stoppingOtherThreads()))
                        .isInstanceOf(PlacementOutcome.Complete.class);
            }
            assertThat(looks).hasSize(2);
            assertThat(looks.getFirst()).as("nobody counts").isEqualTo(looks.getLast());
            assertThat(requests).containsEntry(Linux.PTRACE_DETACH(), 1 + COUNTING);
            awaitCounting(pid, address);
        }
    }

    @Test
    void theOthersRunOnUnlessThatIsAskedFor() throws IOException {
        try (Specimen counting = Specimen.start("counting", COUNTING)) {
            long pid = counting.numbers().getFirst();
            long address = counting.numbers().getLast();
            List<String> looks = new ArrayList<>();
            awaitCounting(pid, address);
            awaitSleep(pid);
            try (RemoteMemory memory = RemoteMemory.open(pid, before(1, () -> {
                awaitCounting(pid, address);
                looks.add("all count");
            }))) {
                assertThat(memory.mappings().named("[stack]").place(HERE, Mechanism.INJECTED))
                        .isInstanceOf(PlacementOutcome.Complete.class);
            }
            assertThat(looks).containsExactly("all count");
        }
    }

    private static MemoryRange[] twoPagesOfTheStack(long pid) throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
            String stack =
                    maps.filter(line -> line.endsWith("[stack]")).findFirst().orElseThrow();
            long end = Long.parseUnsignedLong(stack.substring(stack.indexOf('-') + 1, stack.indexOf(' ')), 16);
            return new MemoryRange[] {
                MemoryRange.of(end - OwnMapping.PAGE, OwnMapping.PAGE),
                MemoryRange.of(end - 3 * OwnMapping.PAGE, OwnMapping.PAGE)
            };
        }
    }

    /** As one that waits undisturbed (D): another makes the call instead. */
    @Test
    void aThreadThatStopsTooLateIsLetGoOfAsSoonAsItHasStopped() throws IOException {
        AtomicLong late = new AtomicLong();
        List<String> events = new ArrayList<>();
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
            if (number == Syscall.WAIT4.number()) {
                boolean isFirst = late.compareAndSet(0, a0) || late.get() == a0;
                if (isFirst && !events.contains("call")) {
                    return 0;
                }
            }
            long result = LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
            if (number == Syscall.PTRACE.number() && a0 == Linux.PTRACE_DETACH()) {
                events.add(a1 == late.get() ? "late let go" : "other let go");
            } else if (number == Syscall.PTRACE.number() && a0 == Linux.PTRACE_GET_SYSCALL_INFO()) {
                events.add("call");
            }
            return result;
        };
        try (Specimen counting = Specimen.start("counting", COUNTING);
                RemoteMemory memory = RemoteMemory.open(counting.numbers().getFirst(), kernel)) {
            awaitCounting(memory.pid(), counting.numbers().getLast());
            awaitSleep(memory.pid());
            assertThat(memory.ranges(twoPagesOfTheStack(memory.pid())).place(HERE, Mechanism.INJECTED))
                    .isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(events)
                    .containsExactlyInAnyOrder("call", "late let go", "call", "other let go")
                    .endsWith("call", "other let go");
        }
    }

    private static Path makeGroup() throws IOException {
        for (String root : List.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified")) {
            Path group = Path.of(root, "remora-" + ProcessHandle.current().pid());
            if (Files.exists(Path.of(root, "cgroup.controllers")) && Files.isWritable(Path.of(root))) {
                return Files.createDirectories(group);
            }
        }
        throw Skip.because("no cgroup hierarchy of version 2 that this user may make a cgroup in (run as root)");
    }

    @Test
    void aFrozenProcessIsGivenUpAndGoesOnOnceItThaws() throws Exception {
        Path group = makeGroup();
        try (Specimen crowd = Specimen.start("crowd", 1);
                RemoteMemory memory = RemoteMemory.open(crowd.numbers().getFirst())) {
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(memory.pid()));
            Files.writeString(group.resolve("cgroup.freeze"), "1");
            MappingSelection stack = memory.mappings().named("[stack]");
            PlacementOutcome outcome = stack.place(HERE, Mechanism.INJECTED);
            assertThat(outcome).isInstanceOf(PlacementOutcome.NotInjected.class);
            assertThat(((PlacementOutcome.NotInjected) outcome).obstacle()).isEqualTo(InjectionObstacle.FROZEN);
            Files.writeString(group.resolve("cgroup.freeze"), "0");
            assertThat(stack.place(HERE, Mechanism.INJECTED)).isInstanceOf(PlacementOutcome.Complete.class);
            assertThat(Files.readString(Path.of("/proc/" + memory.pid() + "/status")))
                    .contains("TracerPid:\t0");
            var _ = memory.killAndRelease();
            assertThat(memory.awaitExit(Duration.ofSeconds(30))).isPresent();
        } finally {
            Files.writeString(group.resolve("cgroup.freeze"), "0");
            Await.until(() -> group.toFile().delete());
        }
    }
}
