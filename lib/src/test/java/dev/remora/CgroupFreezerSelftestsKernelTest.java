package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.specimen.Specimen;
import dev.remora.specimen.Torment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the kernel's own tests of the freezer of cgroups ask ({@code tools/testing/selftests/cgroup/test_freezer.c}), as far
 * as it concerns a process that is frozen for an action: each test is named like the one there.
 */
@Tag("kernel")
final class CgroupFreezerSelftestsKernelTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    private static void requireObstacle(FrozenOutcome<?> outcome, FreezeObstacle obstacle) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        FrozenOutcome.NotFrozen.class,
                        notFrozen -> assertThat(notFrozen.obstacle()).isEqualTo(obstacle));
    }

    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void simple(FreezeMethod method) throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(method);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            for (int i = 0; i < 20; i++) {
                assertThat(memory.whileFrozen(LONG, method, _ -> target.group().frozen())
                                .result())
                        .contains(true);
                assertThat(target.group().frozen()).isFalse();
            }
            target.awaitProgress();
        }
    }

    /** A leaf that is frozen because a group above it is, stays so until that is thawed. */
    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void tree(FreezeMethod method) throws IOException {
        try (FreezableGroup above = FreezableGroup.make(method);
                FreezableGroup middle = above.below("middle");
                FreezableGroup leaf = middle.below("leaf");
                FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            leaf.add(target.pid());
            assertThat(memory.whileFrozen(LONG, method, _ -> leaf.frozen() && !middle.askedToFreeze())
                            .result())
                    .contains(true);
            target.awaitProgress();
            above.freeze();
            Await.until(leaf::frozen);
            List<Long> before = target.counters();
            assertThat(memory.whileFrozen(LONG, method, _ -> true).stoodStill()).isTrue();
            assertThat(leaf.frozen()).isTrue();
            assertThat(target.counters()).isEqualTo(before);
            above.thaw();
            target.awaitProgress();
        }
    }

    /** A process that starts others all the time is not alone in its group; one that starts threads is. */
    @ParameterizedTest
    @EnumSource(names = {"CGROUP_V1", "CGROUP_V2"})
    void forkbomb(FreezeMethod method) throws Exception {
        try (FreezableGroup group = FreezableGroup.make(method);
                Torment forking = Torment.start("children");
                Torment threading = Torment.start("threads");
                RemoteMemory forkingMemory = RemoteMemory.open(forking.pid());
                RemoteMemory threadingMemory = RemoteMemory.open(threading.pid())) {
            group.add(threading.pid());
            for (int i = 0; i < 20; i++) {
                assertThat(threadingMemory.whileFrozen(LONG, method, _ -> true).stoodStill())
                        .isTrue();
            }
            group.add(forking.pid());
            requireObstacle(forkingMemory.whileFrozen(LONG, method, _ -> true), FreezeObstacle.SHARED_CGROUP);
            assertThat(group.askedToFreeze()).isFalse();
            assertThat(threading.end().unharmed()).isTrue();
            assertThat(forking.end().unharmed()).isTrue();
        }
    }

    /** A group that is made below a frozen one is frozen from the beginning, and changes nothing. */
    @Test
    void mkdir() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.CGROUP_V2);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> {
                try (FreezableGroup below = target.group().below("below")) {
                    return below.frozen();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
            assertThat(outcome).isInstanceOf(FrozenOutcome.Done.class);
            assertThat(outcome.result()).contains(true);
            target.awaitProgress();
        }
    }

    /** A group whose process was killed while it was frozen (version 2) can be removed at once. */
    @Test
    void rmdir() throws IOException {
        FreezableGroup group = FreezableGroup.make(FreezeMethod.CGROUP_V2);
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            group.add(target.pid());
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, frozen -> {
                try {
                    assertThat(frozen.kill().pid()).isEqualTo(target.pid());
                    assertThat(frozen.awaitExit(Duration.ofSeconds(20))).isPresent();
                    group.close();
                    return true;
                } catch (IOException | InterruptedException failure) {
                    throw new AssertionError(failure);
                }
            });
            assertThat(outcome).isInstanceOf(FrozenOutcome.Done.class);
        }
        assertThat(group.directory()).doesNotExist();
    }

    /** Who is moved to another group meanwhile runs there; who is moved to the frozen one stands still, and is let run. */
    @Test
    void migrate() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.CGROUP_V2);
                FreezableGroup elsewhere = FreezableGroup.make(FreezeMethod.CGROUP_V2);
                FreezeTarget other = FreezeTarget.startFor(FreezeMethod.PTRACE);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            FrozenOutcome<Boolean> outcome = memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> {
                try {
                    target.group().add(other.pid());
                    elsewhere.add(target.pid());
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
                target.awaitProgress();
                return true;
            });
            assertThat(outcome).isInstanceOf(FrozenOutcome.Disturbed.class);
            target.awaitProgress();
            other.awaitProgress();
        }
    }

    /** A frozen process can be traced, and is frozen still when its tracer lets go of it (version 2). */
    @Test
    void ptrace() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.CGROUP_V2);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            target.group().freeze();
            List<Long> before = target.counters();
            assertThat(memory.whileFrozen(LONG, FreezeMethod.PTRACE, _ -> true).stoodStill())
                    .isTrue();
            Await.until(target.group()::frozen);
            LockSupport.parkNanos(20_000_000);
            assertThat(target.counters()).isEqualTo(before);
            target.group().thaw();
            target.awaitProgress();
        }
    }

    /** A process that was stopped before it was frozen is stopped after it was thawed. */
    @Test
    void stopped() throws Exception {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.CGROUP_V2);
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            signal("STOP", target.pid());
            Await.until(() -> target.state() == 'T');
            assertThat(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> true)
                            .stoodStill())
                    .isTrue();
            Await.until(() -> target.state() == 'T');
            signal("CONT", target.pid());
            target.awaitProgress();
        }
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    /** A process that is traced, and runs, is frozen all the same. */
    @Test
    void ptraced() throws IOException {
        try (FreezeTarget target = FreezeTarget.startFor(FreezeMethod.CGROUP_V2);
                Specimen tracer = Specimen.start("tracing", target.pid());
                RemoteMemory memory = RemoteMemory.open(target.pid())) {
            assertThat(tracer.process().isAlive()).isTrue();
            assertThat(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> true)
                            .stoodStill())
                    .isTrue();
            target.awaitProgress();
        }
    }

    /** Who waits for its vfork child shares the group with it. */
    @Test
    void vfork() throws IOException {
        try (FreezableGroup group = FreezableGroup.make(FreezeMethod.CGROUP_V2);
                Specimen crowd = Specimen.start("crowd", 2);
                RemoteMemory memory = RemoteMemory.open(crowd.pid())) {
            group.add(crowd.pid());
            crowd.numbers().forEach(pid -> {
                try {
                    group.add(pid);
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
            requireObstacle(memory.whileFrozen(LONG, FreezeMethod.CGROUP_V2, _ -> true), FreezeObstacle.SHARED_CGROUP);
            assertThat(group.askedToFreeze()).isFalse();
        }
    }
}
