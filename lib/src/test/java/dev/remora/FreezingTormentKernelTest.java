package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.jvm.OtherJvm;
import dev.remora.jvm.TormentedJvm;
import dev.remora.specimen.Torment;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Freezes processes that notice everything, at random moments: in calls of every kind, with threads that come and go. */
@Tag("kernel")
final class FreezingTormentKernelTest {

    /** Of each method; more with a property, for a long run. */
    private static final int FREEZES = Integer.getInteger("remora.freezes", 100);

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** What no method may interrupt so that the program sees it. */
    private static final Set<String> NEVER_INTERRUPTED = Set.of(
            "nanosleep",
            "clock-nanosleep",
            "poll",
            "ppoll",
            "select",
            "pselect",
            "futex",
            "condition",
            "pipe",
            "accept",
            "flock",
            "fcntl");

    /** What {@code signal(7)} says a stop interrupts; only a tracer can undo that. */
    private static final Set<String> INTERRUPTED_BY_STOPS =
            Set.of("epoll-wait", "epoll-pwait", "epoll-pwait2", "semop", "semtimedop", "sigtimedwait", "sigwaitinfo");

    private final Random random = new Random(20261121);

    private void freezeOften(RemoteMemory memory, FreezeMethod method) {
        for (int i = 0; i < FREEZES; i++) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LIMIT, method, _ -> {
                LockSupport.parkNanos(random.nextInt(500_000));
                return true;
            });
            assertThat(outcome.stoodStill()).as(outcome.toString()).isTrue();
            LockSupport.parkNanos(random.nextInt(5_000_000));
        }
    }

    /** Null where the method needs none. */
    private static @Nullable FreezableGroup groupOfItsOwn(FreezeMethod method, long pid) throws IOException {
        if (method != FreezeMethod.CGROUP_V1 && method != FreezeMethod.CGROUP_V2) {
            return null;
        }
        FreezableGroup group = FreezableGroup.make(method);
        group.add(pid);
        return group;
    }

    /** How often calls of a role ended by EINTR though no handler ran. */
    private static Map<String, Long> interruptions(Torment.Verdict verdict) {
        return verdict.roles().stream()
                .map(line -> line.split(" ", -1))
                .collect(Collectors.toMap(words -> words[0], words -> Long.parseLong(words[3])));
    }

    @ParameterizedTest
    @EnumSource
    void noProgramIsHarmed(FreezeMethod method) throws IOException, InterruptedException {
        try (Torment target = Torment.start(
                        "nanosleep clock-nanosleep poll ppoll select pselect epoll-wait epoll-pwait epoll-pwait2 futex"
                                .concat(" condition pipe semop semtimedop accept flock fcntl sigtimedwait")
                                .concat(" sigwaitinfo timer registers mappings threads")
                                .split(" ", -1));
                FreezableGroup _ = groupOfItsOwn(method, target.pid());
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            freezeOften(memory, method);
            Torment.Verdict verdict = target.end();
            assertThat(verdict.unharmed()).as("%s", verdict.roles()).isTrue();
            Map<String, Long> interruptions = interruptions(verdict);
            assertThat(interruptions).containsKeys("nanosleep", "epoll-wait");
            interruptions.forEach((role, times) -> {
                boolean never = NEVER_INTERRUPTED.contains(role)
                        || (method == FreezeMethod.PTRACE && INTERRUPTED_BY_STOPS.contains(role));
                if (never) {
                    assertThat(times).as(role + ", " + verdict.roles()).isZero();
                }
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void norIsAJvm(FreezeMethod method) throws IOException, InterruptedException {
        try (Torment target = Torment.start(OtherJvm.line(TormentedJvm.class));
                FreezableGroup _ = groupOfItsOwn(method, target.pid());
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            freezeOften(memory, method);
            Torment.Verdict verdict = target.end();
            assertThat(verdict.unharmed()).as("%s", verdict.roles()).isTrue();
        }
    }

    /** Its children are no part of it; and while one is started by vfork, the parent can be stopped only afterwards. */
    @Test
    void norOneThatHasChildrenAllTheTime() throws IOException, InterruptedException {
        try (Torment target = Torment.start("children", "vfork", "threads", "nanosleep");
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            freezeOften(memory, FreezeMethod.PTRACE);
            freezeOften(memory, FreezeMethod.SIGSTOP);
            Torment.Verdict verdict = target.end();
            assertThat(verdict.unharmed()).as("%s", verdict.roles()).isTrue();
        }
    }
}
