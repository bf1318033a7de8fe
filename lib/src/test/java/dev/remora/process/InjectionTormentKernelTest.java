package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.jvm.OtherJvm;
import dev.remora.jvm.TormentedJvm;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.specimen.Torment;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Makes random threads of processes that notice everything call mbind, at random moments. */
@Tag("kernel")
@RequiresRightToAdvise
final class InjectionTormentKernelTest {

    private static final int INJECTIONS = 5_000;
    private static final long PAGE = 4096;
    private static final Injection.Manner GENTLY = new Injection.Manner(false, false);
    private static final Injection.Manner ALL_STOPPED = new Injection.Manner(true, false);

    private final Kernel kernel = LinuxKernel.instance();
    private final Random random = new Random(20261121);

    /** Places a random page; returns whether the thread could be made to. */
    private boolean inject(PinnedProcess process, Torment target, int thread, Injection.Manner manner) {
        return TracerThread.call(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment mask = MemoryPolicies.mask(new long[] {1}, arena);
                long page = target.address() + PAGE * random.nextInt((int) (target.byteSize() / PAGE));
                try (var injection = new Injection(kernel, process, manner, mask, number -> number == thread)) {
                    long result = injection.call(Syscall.MBIND, nodes ->
                            new long[] {page, PAGE, Linux.MPOL_BIND(), nodes, MemoryPolicies.MASK_BITS, 0});
                    assertThat(result).isZero();
                    return true;
                } catch (NotInjectedException inTheWay) {
                    assertThat(inTheWay.reason())
                            .as("a thread that has ended, waits undisturbed, has no stack of its own or gets no CPU")
                            .isIn(NotInjectedException.Reason.NO_THREAD, NotInjectedException.Reason.FROZEN);
                    return false;
                }
            }
        });
    }

    private int injectOften(Torment target, int injections, Injection.Manner manner) throws IOException {
        int done = 0;
        try (PinnedProcess process = PinnedProcess.open(kernel, (int) target.pid())) {
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(8);
            while (done < injections && System.nanoTime() < deadline) {
                List<Integer> threads = threads(target.pid());
                if (inject(process, target, threads.get(random.nextInt(threads.size())), manner)) {
                    done++;
                }
                LockSupport.parkNanos(random.nextInt(500_000));
            }
        }
        return done;
    }

    private static List<Integer> threads(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return threads.map(path -> Integer.valueOf(path.getFileName().toString()))
                    .toList();
        }
    }

    /** What runs at the same time; all at once, the threads would mostly wait for a CPU. */
    enum Roles {
        WAITS("nanosleep clock-nanosleep poll ppoll select pselect epoll-wait epoll-pwait epoll-pwait2 futex condition"
                + " connect-timeout socket-timeout"),
        SIGNALS("sigtimedwait sigwaitinfo sigsuspend pause signals alternate-stack timer alarm ppoll"),
        TRANSFERS("pipe pipe-large socket accept message-receive message-send semop semtimedop flock fcntl inotify aio"
                + " eventfd timerfd signalfd"),
        COMPUTATIONS("registers calls rseq faults mappings placed getrandom clock"),
        PROCESSES("children vfork threads nanosleep");

        private final String names;

        Roles(String names) {
            this.names = names;
        }

        String[] all() {
            return names.split(" ", -1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingThatAProgramCanNoticeChanges(Roles roles) throws IOException, InterruptedException {
        try (Torment target = Torment.start(roles.all())) {
            int done = injectOften(target, INJECTIONS / Roles.values().length, GENTLY);
            assertUnharmed(target);
            assertThat(done).isEqualTo(INJECTIONS / Roles.values().length);
        }
    }

    private static void assertUnharmed(Torment target) throws IOException, InterruptedException {
        Torment.Verdict verdict = target.end();
        assertThat(verdict.unharmed()).as("%s", verdict.roles()).isTrue();
    }

    @Test
    void norWhenAllThreadsAreStopped() throws IOException, InterruptedException {
        try (Torment target = Torment.start(Roles.SIGNALS.all())) {
            assertThat(injectOften(target, 200, ALL_STOPPED)).isEqualTo(200);
            assertUnharmed(target);
        }
    }

    @Test
    void norInAJvm() throws IOException, InterruptedException {
        try (Torment target = Torment.start(OtherJvm.line(TormentedJvm.class))) {
            assertThat(injectOften(target, 1_000, GENTLY)).isEqualTo(1_000);
            assertUnharmed(target);
        }
    }

    /** Whoever injects is killed before each of its steps in turn, of which a session with two calls takes 21. */
    @Test
    void norWhenTheTracerIsKilledInTheMiddle() throws IOException, InterruptedException {
        try (Torment target = Torment.start("nanosleep", "poll", "registers", "calls", "mappings", "futex", "pipe")) {
            for (int step = 0; step < 24; step++) {
                Process tracer = new ProcessBuilder(OtherJvm.line(
                                KilledInjection.class,
                                Long.toString(target.pid()),
                                Long.toString(target.address()),
                                Integer.toString(step)))
                        .inheritIO()
                        .start();
                assertThat(tracer.waitFor()).isEqualTo(128 + Linux.SIGKILL());
                assertThat(ProcessHandle.of(target.pid())).as("the target").isPresent();
            }
            assertUnharmed(target);
        }
    }
}
