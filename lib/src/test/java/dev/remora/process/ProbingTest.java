package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.syscall.HarmlessCall;
import dev.remora.syscall.LinuxKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ProbingTest {

    private static final List<HarmlessCall> CALLS =
            List.of(HarmlessCall.PIDFD_OPEN, HarmlessCall.PROCESS_MADVISE, HarmlessCall.MBIND);

    private final List<List<String>> asked = new ArrayList<>();

    /** A program that is ended by one of the calls. */
    private List<String> program(List<String> names, String deadly) {
        asked.add(names);
        List<String> lines = new ArrayList<>(List.of("ready"));
        names.stream().takeWhile(name -> !name.equals(deadly)).forEach(name -> lines.add(name + " -9"));
        lines.add(names.contains(deadly) ? Probing.ENDED_BY_FILTER : "ended 0");
        return lines;
    }

    @Test
    void allAnswersOfOneProgram() {
        assertThat(Probing.by(names -> program(names, "none"), CALLS))
                .containsOnlyKeys(CALLS)
                .containsEntry(HarmlessCall.MBIND, OptionalLong.of(-9));
        assertThat(asked).hasSize(1);
    }

    @Test
    void whatIsBehindADeadlyCallIsAskedByAnother() {
        assertThat(Probing.by(names -> program(names, "PROCESS_MADVISE"), CALLS))
                .isEqualTo(Map.of(
                        HarmlessCall.PIDFD_OPEN, OptionalLong.of(-9),
                        HarmlessCall.PROCESS_MADVISE, OptionalLong.empty(),
                        HarmlessCall.MBIND, OptionalLong.of(-9)));
        assertThat(asked).containsExactly(List.of("PIDFD_OPEN", "PROCESS_MADVISE", "MBIND"), List.of("MBIND"));
    }

    @Test
    void anEndForAnotherReasonSaysNothingOfTheCall() {
        assertThat(Probing.by(_ -> List.of("ready", "a warning", "PIDFD_OPEN -9", "ended 1"), CALLS))
                .isEqualTo(Map.of(HarmlessCall.PIDFD_OPEN, OptionalLong.of(-9)));
    }

    @Test
    void aProgramThatFallsSilentIsHeldUpByACall() {
        assertThat(Probing.by(
                        names -> {
                            asked.add(names);
                            return asked.size() == 1 ? List.of("ready", Probing.SILENT) : program(names, "none");
                        },
                        CALLS))
                .isEqualTo(Map.of(
                        HarmlessCall.PIDFD_OPEN, OptionalLong.empty(),
                        HarmlessCall.PROCESS_MADVISE, OptionalLong.of(-9),
                        HarmlessCall.MBIND, OptionalLong.of(-9)));
    }

    @Test
    void aProgramThatSomebodyElseEndsSaysNothingOfTheCall() {
        assertThat(Probing.by(_ -> List.of("ready", "PIDFD_OPEN -9", "ended 137"), CALLS))
                .isEqualTo(Map.of(HarmlessCall.PIDFD_OPEN, OptionalLong.of(-9)));
    }

    @Test
    void aProgramThatDoesNotStartSaysNothing() {
        assertThat(Probing.by(_ -> List.of(), CALLS)).isEmpty();
    }

    @Test
    void aRealOneAnswersAsThisProcess() {
        assertThat(Probing.inChildren(CALLS)).isEqualTo(Probing.here(LinuxKernel.instance(), CALLS));
    }
}
