package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.process.TracerThread;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import dev.remora.syscall.ThreadState;
import dev.remora.syscall.Tracee;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stops a process that runs another program just then, by one of several threads: the others end, and it gets their number. */
@Tag("kernel")
final class FreezingExecKernelTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int FIRST = 0;
    private static final int FIRST_ENDED = 1;
    private static final int ANOTHER = 2;
    private static final int FIRST_ENDS = 3;

    private static final char TRACED = 't';
    private static final char ZOMBIE = 'Z';

    /** One of its threads runs another program once it is told to. */
    private static final class Target implements AutoCloseable {

        private final Specimen specimen;

        Target(int who) throws IOException {
            specimen = Specimen.start("executing", who);
        }

        int pid() {
            return Math.toIntExact(specimen.numbers().getFirst());
        }

        int executing() {
            return Math.toIntExact(specimen.numbers().getLast());
        }

        List<Integer> threads() throws IOException {
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid() + "/task"))) {
                return threads.map(path -> Integer.valueOf(path.getFileName().toString()))
                        .toList();
            }
        }

        /** What a thread does; that of one that is gone is that of a zombie. */
        char state(int thread) {
            try {
                String stat = Files.readString(Path.of("/proc/" + pid() + "/task/" + thread + "/stat"));
                return stat.charAt(stat.lastIndexOf(')') + 2);
            } catch (IOException gone) {
                return ZOMBIE;
            }
        }

        /** The first thread is listed first. */
        String states() {
            try {
                return threads().stream().map(this::state).map(String::valueOf).collect(Collectors.joining());
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }

        boolean standsStill() throws IOException {
            return threads().stream().allMatch(thread -> state(thread) == TRACED);
        }

        boolean seizedButOne() {
            try {
                return threads().stream().filter(this::traced).count()
                        == threads().size() - 1;
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }

        private boolean traced(int thread) {
            try {
                return !Files.readString(Path.of("/proc/" + pid() + "/task/" + thread + "/status"))
                        .contains("\nTracerPid:\t0\n");
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }

        boolean anyOther(char state) {
            try {
                return threads().stream().anyMatch(thread -> thread != executing() && state(thread) == state);
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }

        boolean allButExecuting(char state) {
            try {
                return threads().stream().allMatch(thread -> thread == executing() || state(thread) == state);
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }

        void tell() {
            try {
                var line = List.of("kill", "-USR1", Integer.toString(pid()));
                assertThat(new ProcessBuilder(line).inheritIO().start().waitFor())
                        .isZero();
            } catch (IOException | InterruptedException failure) {
                throw new AssertionError(failure);
            }
        }

        boolean executed() {
            try {
                return Files.readString(Path.of("/proc/" + pid() + "/cmdline")).contains("executed");
            } catch (NoSuchFileException gone) {
                return false;
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }

        @Override
        public void close() {
            ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
            specimen.close();
        }
    }

    /** Another thread has its number by the time at which it is told to stop. */
    @Test
    void whoGetsTheNumberOfAFirstThreadThatHasEndedDoesNotEscape() throws IOException {
        try (Target target = new Target(FIRST_ENDED)) {
            Await.until(() -> target.state(target.pid()) == ZOMBIE);
            Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
                if (number == Syscall.PTRACE.number()
                        && a0 == Linux.PTRACE_INTERRUPT()
                        && a1 == target.executing()
                        && !target.executed()) {
                    target.tell();
                    Await.until(target::executed);
                }
                return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
            };
            assertStands(target, kernel);
        }
    }

    /** The kernel tells nobody of its end before the others have ended too. */
    @Test
    void aFirstThreadThatEndsWhileItIsToStopIsNotWaitedFor() throws IOException {
        try (Target target = new Target(FIRST_ENDS)) {
            Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
                if (number == Syscall.PTRACE.number()
                        && a0 == Linux.PTRACE_INTERRUPT()
                        && a1 == target.pid()
                        && target.state(target.pid()) != ZOMBIE) {
                    target.tell();
                    Await.until(() -> target.state(target.pid()) == ZOMBIE);
                }
                return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
            };
            try (RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
                FrozenOutcome<String> outcome = memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> target.states());
                assertThat(outcome).isInstanceOf(FrozenOutcome.Done.class);
                assertThat(outcome.result()).contains("Ztt");
            }
            Await.until(() -> target.states().equals("ZRR"));
        }
    }

    /** It kills those that stand already, and waits for their ends to be seen; then it gets the number of the first. */
    @Test
    void whoKillsThreadsThatStandStandsInTheirPlace() throws IOException {
        try (Target target = new Target(ANOTHER)) {
            Set<Integer> others = new HashSet<>(target.threads());
            others.remove(target.executing());
            var told = new AtomicBoolean();
            Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
                boolean early = !told.get();
                if (early && number == Syscall.PTRACE.number() && a0 == Linux.PTRACE_INTERRUPT()) {
                    if (a1 == target.executing()) {
                        return 0;
                    }
                }
                if (early && number == Syscall.WAIT4.number() && a0 == target.executing()) {
                    if (others.isEmpty()) {
                        told.set(true);
                        target.tell();
                        Await.until(() -> target.allButExecuting(ZOMBIE));
                        return interrupt(target.executing());
                    }
                    return 0;
                }
                long result = LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
                if (number == Syscall.WAIT4.number() && result > 0) {
                    others.remove((int) a0);
                }
                return result;
            };
            assertStands(target, kernel);
        }
    }

    /** The kernel then lets nobody seize the last thread before the first is alone, and that waits for whoever seized the others. */
    @ParameterizedTest
    @ValueSource(ints = {FIRST, ANOTHER})
    void whoRunsAnotherProgramWhileItsThreadsAreSeizedDoesNotHang(int who) throws Exception {
        Target target = new Target(who);
        var told = new AtomicBoolean();
        Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
            boolean lastSeized = number == Syscall.PTRACE.number()
                    && a0 == Linux.PTRACE_SEIZE()
                    && !told.get()
                    && target.seizedButOne();
            if (lastSeized) {
                told.set(true);
                target.tell();
                // Who waits for the tracer may have collected it, and let it come to its end, before it is seen.
                Await.until(() -> target.anyOther(ZOMBIE) || target.executed());
            }
            return LinuxKernel.instance().call(number, a0, a1, a2, a3, a4, a5);
        };
        CompletableFuture<Void> stands = CompletableFuture.runAsync(() -> assertStands(target, kernel));
        try {
            stands.get(60, TimeUnit.SECONDS);
        } finally {
            target.close();
        }
    }

    /** Otherwise its tracer would wait for it in vain, and a signal that it stopped for would be lost. */
    @Test
    void whoHelpsATracerTakesEndsAndNoStops() throws Exception {
        try (Target target = new Target(FIRST);
                Arena arena = Arena.ofShared()) {
            Tracee tracee = TracerThread.call(() -> {
                Tracee stopped = Tracee.seize(LinuxKernel.instance(), target.pid(), false, false, arena);
                stopped.interrupt();
                Await.until(() -> target.state(target.pid()) == TRACED);
                assertThat(collectedElsewhere(stopped)).isFalse();
                assertThat(stopped.state()).isInstanceOf(ThreadState.Trapped.class);
                ProcessHandle.of(target.pid()).ifPresent(ProcessHandle::destroyForcibly);
                Await.until(() -> collectedElsewhere(stopped));
                assertThat(stopped.state()).isInstanceOf(ThreadState.Ended.class);
                return stopped;
            });
            assertThat(tracee.collectIfEnded()).isFalse();
        }
    }

    private static boolean collectedElsewhere(Tracee tracee) {
        return CompletableFuture.supplyAsync(tracee::collectIfEnded).join();
    }

    private static long interrupt(int thread) {
        return LinuxKernel.instance().call(Syscall.PTRACE.number(), Linux.PTRACE_INTERRUPT(), thread, 0, 0, 0, 0);
    }

    private static void assertStands(Target target, Kernel kernel) {
        try (RemoteMemory memory = RemoteMemory.open(target.pid(), kernel)) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> {
                try {
                    assertThat(target.executed()).isTrue();
                    return target.standsStill();
                } catch (IOException failure) {
                    throw new AssertionError(failure);
                }
            });
            assertThat(outcome).isInstanceOf(FrozenOutcome.Done.class);
            assertThat(outcome.result()).contains(true);
        }
        Await.until(() -> target.state(target.pid()) == 'R');
    }
}
