package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.bindings.Linux;
import dev.remora.jvm.OtherJvm;
import dev.remora.process.PidFd;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.Syscall;
import dev.remora.syscall.Tracee;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not frozen, and what is said of it then. */
@Tag("kernel")
final class FreezingRefusedKernelTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    /** What is frozen takes no signal but SIGKILL, and can be traced with version 2 only. */
    @ParameterizedTest
    @EnumSource(names = {"PTRACE", "SIGSTOP"})
    void aFrozenGroupIsNoReasonToHang(FreezeMethod method) throws IOException {
        for (FreezeMethod before : List.of(FreezeMethod.CGROUP_V1, FreezeMethod.CGROUP_V2)) {
            try (FreezeTarget target = FreezeTarget.startFor(before);
                    RemoteMemory memory = RemoteMemory.open(target.pid())) {
                target.group().freeze();
                boolean inVain = before == FreezeMethod.CGROUP_V1 || method == FreezeMethod.SIGSTOP;
                FrozenOutcome<Boolean> outcome =
                        memory.whileFrozen(inVain ? Duration.ofSeconds(2) : LONG, method, _ -> true);
                if (inVain) {
                    assertThat(outcome)
                            .isEqualTo(new FrozenOutcome.NotFrozen<Boolean>(
                                    method, FreezeObstacle.NOT_IN_TIME, OptionalLong.empty()));
                } else {
                    assertThat(outcome.stoodStill()).as(outcome.toString()).isTrue();
                }
                Await.until(target.group()::frozen);
                target.group().thaw();
                target.awaitProgress();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneFreezeAtATime(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid());
                RemoteMemory another = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, frozen -> {
                for (FreezeMethod second : FreezeMethod.values()) {
                    assertHeld(frozen.whileFrozen(LONG, second, _ -> true));
                    assertHeld(CompletableFuture.supplyAsync(() -> another.whileFrozen(LONG, second, _ -> true))
                            .join());
                }
                return true;
            });
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(another.whileFrozen(LONG, method, _ -> true).stoodStill())
                    .isTrue();
            target.awaitProgress();
        }
    }

    private static void assertHeld(FrozenOutcome<Boolean> outcome) {
        assertObstacle(outcome, FreezeObstacle.HELD_ALREADY);
    }

    private static void assertObstacle(FrozenOutcome<?> outcome, FreezeObstacle obstacle) {
        assertThat(outcome).isInstanceOf(FrozenOutcome.NotFrozen.class);
        assertThat(((FrozenOutcome.NotFrozen<?>) outcome).obstacle()).isEqualTo(obstacle);
        assertThat(outcome.result()).isEmpty();
        assertThat(outcome.toString()).contains(outcome.method() + ": " + obstacle.explanation());
    }

    @Test
    void whoIsTracedIsLeftToItsTracer() throws IOException {
        for (FreezeMethod method : List.of(FreezeMethod.PTRACE, FreezeMethod.SIGSTOP)) {
            assertLeftToItsTracer(method, "tracing");
            assertLeftToItsTracer(method, "tracing-aside");
        }
    }

    private static void assertLeftToItsTracer(FreezeMethod method, String specimen) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                Specimen tracer = Specimen.start(specimen, target.pid());
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> true);
            assertObstacle(outcome, FreezeObstacle.TRACED);
            assertThat(((FrozenOutcome.NotFrozen<Boolean>) outcome).otherPid())
                    .isEqualTo(OptionalLong.of(tracer.pid()));
            assertThat(outcome.toString()).endsWith("(process " + tracer.pid() + ")");
            target.awaitProgress();
        }
    }

    /** Its Java thread has ended then, and perhaps not yet the thread of the kernel, which lets go. */
    @ParameterizedTest
    @EnumSource(names = {"PTRACE", "SIGSTOP"})
    void aTracerOfThisJvmThatIsJustEndingIsWaitedFor(FreezeMethod method) throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(method)) {
            var tracing = new CompletableFuture<Integer>();
            var seen = new CountDownLatch(2);
            Thread tracer = Thread.ofPlatform().start(() -> {
                try (Arena arena = Arena.ofConfined()) {
                    var _ = Tracee.seize(LinuxKernel.instance(), (int) target.pid(), false, false, arena);
                    tracing.complete(new OwnProcess(LinuxKernel.instance()).thread());
                    assertThat(seen.await(1, TimeUnit.MINUTES)).isTrue();
                } catch (RuntimeException | InterruptedException failure) {
                    tracing.completeExceptionally(failure);
                }
            });
            String line = "\nTracerPid:\t" + tracing.join() + "\n";
            Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
                long result = LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
                if (number == Syscall.READ.number()
                        && result > 0
                        && text(a1, result).contains(line)) {
                    seen.countDown();
                }
                return result;
            };
            try (RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
                FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> true);
                assertThat(outcome.stoodStill()).as(outcome.toString()).isTrue();
            } finally {
                seen.countDown();
                seen.countDown();
                tracer.join();
            }
            target.awaitProgress();
        }
    }

    private static String text(long address, long byteSize) {
        byte[] bytes = MemorySegment.ofAddress(address).reinterpret(byteSize).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void aChildOfThisJvmIsStoppedBySignalAndJavaStillWaitsForIt() {
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.handle())) {
            assertObstacle(memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> true), FreezeObstacle.OWN_CHILD);
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, _ -> true);
            assertThat(outcome.stoodStill()).isTrue();
            assertThat(outcome.method()).isEqualTo(FreezeMethod.SIGSTOP);
            assertThat(child.handle().isAlive()).isTrue();
            child.touch(child.map(MiB));
        }
    }

    @Test
    void whoThisProcessDependsOnIsRefused() throws IOException {
        try (RemoteMemory self = RemoteMemory.open(ProcessHandle.current().pid());
                RemoteMemory parent = RemoteMemory.open(
                        ProcessHandle.current().parent().orElseThrow().pid());
                RemoteMemory first = RemoteMemory.open(firstAncestor().pid())) {
            for (FreezeMethod method : FreezeMethod.values()) {
                assertRefused(self, method, "is the one that calls");
                assertRefused(parent, method, "is a parent of the one that calls");
                assertRefused(first, method, "is a parent of the one that calls");
            }
        }
    }

    /** Process 1, unless this runs in a process namespace that somebody else has entered. */
    private static ProcessHandle firstAncestor() {
        return Stream.iterate(
                        ProcessHandle.current().parent(),
                        Optional::isPresent,
                        ancestor -> ancestor.flatMap(ProcessHandle::parent))
                .flatMap(Optional::stream)
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    /** The kernel names the thread that traces, which need not be the first of its process. */
    @ParameterizedTest
    @ValueSource(strings = {"tracing", "tracing-aside"})
    void whoTracesThisProcessIsRefused(String specimen) throws IOException {
        try (Specimen tracer = Specimen.start(specimen, ProcessHandle.current().pid());
                RemoteMemory memory = RemoteMemory.open(tracer.pid())) {
            for (FreezeMethod method : FreezeMethod.values()) {
                assertRefused(memory, method, "traces the one that calls");
            }
        }
    }

    private static void assertRefused(RemoteMemory memory, FreezeMethod method, String why) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> memory.whileFrozen(LONG, method, _ -> true))
                .withMessageContaining(why);
    }

    @Test
    void aLimitIsPositive() throws IOException {
        try (Specimen crowd = Specimen.start("crowd", 0);
                RemoteMemory memory = RemoteMemory.open(crowd.pid())) {
            for (Duration limit : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> memory.whileFrozen(limit, _ -> true))
                        .withMessageContaining("more than zero");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void onlyAGroupOfItsOwnIsFrozen(FreezeMethod method) throws IOException {
        try (FreezableGroup group = FreezableGroup.make(method);
                FreezableGroup below = group.below("below");
                Specimen crowd = Specimen.start("crowd", 3);
                RemoteMemory memory = RemoteMemory.open(crowd.numbers().getFirst())) {
            long pid = crowd.numbers().getFirst();
            long other = crowd.numbers().getLast();
            assertObstacle(memory.whileFrozen(LONG, method, _ -> true), FreezeObstacle.ROOT_CGROUP);
            group.add(pid);
            below.add(other);
            assertObstacle(memory.whileFrozen(LONG, method, _ -> true), FreezeObstacle.SHARED_CGROUP);
            group.add(other);
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, method, _ -> true);
            assertObstacle(outcome, FreezeObstacle.SHARED_CGROUP);
            assertThat(((FrozenOutcome.NotFrozen<Boolean>) outcome).otherPid()).isEqualTo(OptionalLong.of(other));
            assertThat(group.askedToFreeze()).isFalse();
            below.add(other);
            below.add(pid);
            group.add(other);
            assertThat(memory.whileFrozen(LONG, method, _ -> true).stoodStill()).isTrue();
        }
    }

    /** Version 1 lets any thread be in any group; version 2 within a part of the tree that is made for that. */
    @Test
    void threadsInSeveralGroupsAreNotFrozenByOneOfThem() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.CGROUP_V1);
                FreezableGroup elsewhere = FreezableGroup.make(FreezeMethod.CGROUP_V1);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            target.awaitProgress();
            Files.writeString(elsewhere.directory().resolve("tasks"), Long.toString(anotherThread(target.pid())));
            assertObstacle(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V1, _ -> true), FreezeObstacle.THREADED_CGROUP);
            target.awaitProgress();
        }
        try (FreezableGroup domain = FreezableGroup.make(FreezeMethod.CGROUP_V2);
                FreezableGroup below = domain.below("below");
                FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            Files.writeString(below.directory().resolve("cgroup.type"), "threaded");
            domain.add(target.pid());
            target.awaitProgress();
            Path threads = below.directory().resolve("cgroup.threads");
            Files.writeString(threads, Long.toString(anotherThread(target.pid())));
            assertThat(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> true))
                    .as("all are in the domain or below")
                    .isInstanceOf(FrozenOutcome.Done.class);
            Files.writeString(threads, Long.toString(target.pid()));
            assertObstacle(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> true), FreezeObstacle.THREADED_CGROUP);
            target.awaitProgress();
        }
    }

    /** Not always a greater number: the kernel begins anew at the end of its numbers. */
    private static long anotherThread(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return threads.mapToLong(path -> Long.parseLong(path.getFileName().toString()))
                    .filter(thread -> thread != pid)
                    .findAny()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void whatIsNotMountedHereCannotBeUsed(FreezeMethod method) throws IOException {
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> number == Syscall.OPENAT.number()
                        && MemorySegment.ofAddress(a1)
                                .reinterpret(4096)
                                .getString(0)
                                .equals("mountinfo")
                ? -Linux.ENOENT()
                : LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
            assertObstacle(memory.whileFrozen(LONG, method, _ -> true), FreezeObstacle.NO_CGROUP);
        }
    }

    /** What another JVM runs, for which there is no Java to start. */
    static final class WithoutJava {

        private WithoutJava() {}

        public static void main(String[] arguments) {
            try (RemoteMemory memory = RemoteMemory.open(Long.parseLong(arguments[0]))) {
                System.out.println(memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> true));
                System.setProperty("java.home", "/nowhere");
                System.out.println(memory.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> true));
            }
        }
    }

    @Test
    void withoutWatcherOnlyWhatFallsAwayByItselfIsDone() throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.SIGSTOP)) {
            assertThat(OtherJvm.run(OtherJvm.line(WithoutJava.class, Long.toString(target.pid()))))
                    .contains("not frozen by SIGSTOP: the watcher", "Done[method=PTRACE, value=true");
            target.awaitProgress();
        }
    }

    @Test
    void aRefusalSaysWhichRightIsMissing() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid(), refusing(Syscall.PTRACE));
                RemoteMemory unsignalled = RemoteMemory.open(target.pid(), refusing(Syscall.PIDFD_SEND_SIGNAL))) {
            assertThatExceptionOfType(PermissionDeniedException.class)
                    .isThrownBy(() -> memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> true))
                    .withMessageContaining("ptrace");
            assertThatExceptionOfType(PermissionDeniedException.class)
                    .isThrownBy(() -> unsignalled.whileFrozen(LONG, FreezeMethod.SIGSTOP, _ -> true))
                    .withMessageContaining("pidfd_send_signal");
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void aRefusalNamesTheFileThatMayNotBeWritten(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid(), openingForWriting(-Linux.EACCES()))) {
            assertThatExceptionOfType(PermissionDeniedException.class)
                    .isThrownBy(() -> memory.whileFrozen(LONG, method, _ -> true))
                    .withMessageContaining(target.group().directory().toString())
                    .withMessageContaining("Delegate=yes");
            target.awaitProgress();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void aRefusalSaysThatTheCgroupsAreMountedReadOnly(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid(), openingForWriting(-Linux.EROFS()))) {
            assertThatExceptionOfType(PermissionDeniedException.class)
                    .isThrownBy(() -> memory.whileFrozen(LONG, method, _ -> true))
                    .withMessageContaining(target.group().directory().toString())
                    .withMessageContaining("read-only");
            target.awaitProgress();
        }
    }

    /** Its process may have been moved before, and lives. */
    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void aGroupThatIsRemovedMeanwhileIsNotTheEndOfTheProcess(FreezeMethod method) throws IOException {
        for (long removed : List.of(-Linux.ENOENT(), -Linux.ENODEV())) {
            try (FreezeTarget target = FreezeTarget.startFor(method);
                    RemoteMemory memory = RemoteMemory.open(target.pid(), openingForWriting(removed))) {
                assertObstacle(memory.whileFrozen(LONG, method, _ -> true), FreezeObstacle.NO_CGROUP);
                target.awaitProgress();
            }
        }
    }

    private static Kernel openingForWriting(long result) {
        return (number, a0, a1, a2, a3, a4, a5) -> number == Syscall.OPENAT.number() && (a2 & Linux.O_WRONLY()) != 0
                ? result
                : LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
    }

    /** As the kernel answers when the group is removed then. */
    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void whoEndsAsItIsFrozenIsGone(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                PidFd witness = PidFd.open(LinuxKernel.instance(), (int) target.pid())) {
            Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
                if (number != Syscall.WRITE.number()) {
                    return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
                }
                ProcessHandle.of(target.pid()).ifPresent(ProcessHandle::destroyForcibly);
                Await.until(witness::exited);
                return -Linux.ENODEV();
            };
            try (RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
                assertThat(memory.whileFrozen(LONG, method, _ -> true))
                        .isEqualTo(new FrozenOutcome.ProcessGone<Boolean>(method));
            }
        }
    }

    private static Kernel refusing(Syscall call) {
        return (number, a0, a1, a2, a3, a4, a5) -> number == call.number()
                ? -Linux.EPERM()
                : LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
    }
}
