package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ThreadStatusTest {

    private static final String QUIET = """
        Name:\tsleep
        State:\tS (sleeping)
        Tgid:\t4242
        TracerPid:\t0
        SigPnd:\t0000000000000000
        ShdPnd:\t0000000000000000
        Seccomp:\t0
        Seccomp_filters:\t0
        """;

    @Test
    void nothingIsInTheWayOfAnOrdinaryProcess() {
        assertThat(ThreadStatus.parse(QUIET)).isEqualTo(new ThreadStatus(4242, 0, false, false, false));
    }

    @Test
    void knowsTheTracer() {
        assertThat(ThreadStatus.parse(QUIET.replace("TracerPid:\t0", "TracerPid:\t4711"))
                        .tracer())
                .isEqualTo(4711);
    }

    @Test
    void knowsBothModesOfSeccomp() {
        assertThat(ThreadStatus.parse(QUIET.replace("Seccomp:\t0", "Seccomp:\t1"))
                        .confined())
                .isTrue();
        assertThat(ThreadStatus.parse(QUIET.replace("Seccomp:\t0", "Seccomp:\t2"))
                        .confined())
                .isTrue();
    }

    @Test
    void aTrapMayWaitForTheThreadOrForItsProcess() {
        assertThat(ThreadStatus.parse(QUIET.replace("SigPnd:\t0000000000000000", "SigPnd:\t0000000000000010"))
                        .trapPending())
                .isTrue();
        assertThat(ThreadStatus.parse(QUIET.replace("ShdPnd:\t0000000000000000", "ShdPnd:\tffffffffffffffff"))
                        .trapPending())
                .isTrue();
        assertThat(ThreadStatus.parse(QUIET.replace("ShdPnd:\t0000000000000000", "ShdPnd:\tffffffffffffffef"))
                        .trapPending())
                .as("every signal but SIGTRAP")
                .isFalse();
    }

    @Test
    void knowsWhoHasEnded() {
        assertThat(ThreadStatus.parse(QUIET.replace("S (sleeping)", "Z (zombie)"))
                        .ended())
                .isTrue();
        assertThat(ThreadStatus.parse(QUIET.replace("S (sleeping)", "X (dead)")).ended())
                .isTrue();
    }

    @Test
    void readsThisProcess() throws IOException {
        assertThat(ThreadStatus.parse(Files.readString(Path.of("/proc/self/status")))
                        .tracer())
                .isZero();
    }
}
