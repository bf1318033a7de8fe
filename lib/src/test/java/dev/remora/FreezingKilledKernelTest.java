package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.jvm.OtherJvm;
import dev.remora.specimen.Torment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills JVMs with SIGKILL at random moments while a process stands still for them. */
@Tag("kernel")
@Timeout(value = 30, unit = TimeUnit.MINUTES)
final class FreezingKilledKernelTest {

    /** Of all methods together; 200 with {@code -Dremora.kills=200}. */
    private static final int KILLS = Integer.getInteger("remora.kills", 20);

    private static final int MOST_MICROSECONDS = 100_000;

    private final Random random = new Random(20261121);

    /** What is killed: it freezes the same process all the time. */
    static final class Freezer {

        private Freezer() {}

        public static void main(String[] arguments) {
            try (RemoteMemory memory = RemoteMemory.open(Long.parseLong(arguments[0]))) {
                var method = FreezeMethod.valueOf(arguments[1]);
                var random = new Random(Long.parseLong(arguments[2]));
                for (boolean told = false; ; told = true) {
                    boolean before = told;
                    FrozenOutcome<Boolean> outcome = memory.whileFrozen(Duration.ofMinutes(10), method, _ -> {
                        if (!before) {
                            System.out.println("frozen");
                        }
                        LockSupport.parkNanos(random.nextInt(5_000_000));
                        return true;
                    });
                    if (!outcome.stoodStill()) {
                        System.out.println(outcome);
                        return;
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoWasFrozenRunsOnAndNobodyIsLeft(FreezeMethod method) throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(method)) {
            for (int i = 0; i < KILLS / FreezeMethod.values().length; i++) {
                killOne(target.pid(), method);
                target.awaitProgress();
                Await.until(() -> target.state() == 'R' || target.state() == 'S');
            }
        }
    }

    /** As a child of native code may, which gets all that is open. */
    @Test
    void whoHasTheOtherEndOfTheWatchersInputKeepsNobodyStopped() throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.SIGSTOP)) {
            Process freezer = startFreezer(target.pid(), FreezeMethod.SIGSTOP);
            try (BufferedReader output = freezer.inputReader(StandardCharsets.UTF_8)) {
                assertThat(output.readLine()).isEqualTo("frozen");
                ProcessHandle watcher = freezer.children().findFirst().orElseThrow();
                try (OutputStream _ = inputOf(watcher.pid(), freezer.pid())) {
                    assertThat(freezer.destroyForcibly().waitFor()).isEqualTo(128 + 9);
                    Await.until(() -> hasEnded(watcher));
                    target.awaitProgress();
                }
            } finally {
                freezer.destroyForcibly();
            }
        }
    }

    /** One more end to write to it, beside the one that its parent has. */
    private static OutputStream inputOf(long pid, long parent) throws IOException {
        Path pipe = Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/0"));
        try (Stream<Path> files = Files.list(Path.of("/proc/" + parent + "/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file) && Files.readSymbolicLink(file).equals(pipe)) {
                    return Files.newOutputStream(file, StandardOpenOption.WRITE);
                }
            }
        }
        throw new AssertionError("nobody writes to " + pipe);
    }

    /** What waits when its tracer is killed goes on waiting. */
    @Test
    void noProgramIsHarmedWhenItsFreezerIsKilled() throws Exception {
        try (Torment target = Torment.start(
                "nanosleep", "poll", "epoll-wait", "futex", "condition", "pipe", "semop", "registers", "threads")) {
            for (int i = 0; i < 2; i++) {
                killOne(target.pid(), FreezeMethod.PTRACE);
                killOne(target.pid(), FreezeMethod.SIGSTOP);
            }
            Torment.Verdict verdict = target.end();
            assertThat(verdict.unharmed()).as("%s", verdict.roles()).isTrue();
        }
    }

    /** An orphan may not be collected where process 1 does not do that. */
    private static boolean hasEnded(ProcessHandle watcher) {
        return Proc.text(watcher.pid(), "statm").startsWith("0 ") || !watcher.isAlive();
    }

    private Process startFreezer(long pid, FreezeMethod method) throws IOException {
        return new ProcessBuilder(OtherJvm.line(
                        Freezer.class, Long.toString(pid), method.name(), Integer.toString(random.nextInt())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void killOne(long pid, FreezeMethod method) throws IOException, InterruptedException {
        Process freezer = startFreezer(pid, method);
        try (BufferedReader output = freezer.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("frozen");
            List<ProcessHandle> watchers = freezer.children().toList();
            assertThat(watchers).hasSize(method == FreezeMethod.PTRACE ? 0 : 1);
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(MOST_MICROSECONDS)));
            assertThat(freezer.destroyForcibly().waitFor()).isEqualTo(128 + 9);
            Await.until(() -> watchers.stream().allMatch(FreezingKilledKernelTest::hasEnded));
        }
    }
}
