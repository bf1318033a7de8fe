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
                    long result = injection.call(
                            Syscall.MBIND,
                            nodes -> new long[] {page, PAGE, Linux.MPOL_BIND(), nodes, MemoryPolicies.MASK_BITS, 0});
                    assertThat(result).isZero();
                    return true;
                } catch (NotInjectedException inTheWay) {
                    assertThat(inTheWay.reason())
                            .as("a thread that has ended, waits undisturbed or has no stack of its own")
                            .isEqualTo(NotInjectedException.Reason.NO_THREAD);
                    return false;
                }
            }
        });
    }

    private int injectOften(Torment target, int injections, Injection.Manner manner) throws IOException {
        int done = 0;
        try (PinnedProcess process = PinnedProcess.open(kernel, (int) target.pid())) {
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
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

    @Test
    void nothingThatAProgramCanNoticeChanges() throws IOException, InterruptedException {
        try (Torment target = Torment.start()) {
            int done = injectOften(target, INJECTIONS, GENTLY);
            Torment.Verdict verdict = target.end();
            System.out.println("after " + done + " injections:\n" + String.join("\n", verdict.roles()));
            assertThat(verdict.unharmed()).as("%s", verdict.roles()).isTrue();
            assertThat(done).isEqualTo(INJECTIONS);
        }
    }

    @Test
    void norWhenAllThreadsAreStopped() throws IOException, InterruptedException {
        try (Torment target = Torment.start()) {
            assertThat(injectOften(target, 200, ALL_STOPPED)).isPositive();
            Torment.Verdict verdict = target.end();
            assertThat(verdict.unharmed()).as("%s", verdict.roles()).isTrue();
        }
    }

    @Test
    void norInAJvm() throws IOException, InterruptedException {
        try (Torment target = Torment.start(OtherJvm.line(TormentedJvm.class))) {
            int done = injectOften(target, 1_000, GENTLY);
            Torment.Verdict verdict = target.end();
            assertThat(verdict.unharmed()).as("%s", verdict.roles()).isTrue();
            assertThat(done).isEqualTo(1_000);
        }
    }
}
