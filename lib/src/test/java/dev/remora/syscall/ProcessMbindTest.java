package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.bindings.Linux;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProcessMbindTest {

    private static final long PAGE = 4096;

    private final List<List<Long>> asked = new ArrayList<>();

    /** Answers the number that was configured, and is the real kernel otherwise. */
    private Kernel answering(int number, long... answers) {
        return (called, a0, a1, a2, a3, a4, a5) -> {
            if (called != number) {
                return LinuxKernel.instance().call(called, a0, a1, a2, a3, a4, a5);
            }
            asked.add(List.of(a0, a1, a2, a3, a4, a5));
            return answers[Math.min(asked.size(), answers.length) - 1];
        };
    }

    private static void configure(String number) {
        System.setProperty(ProcessMbind.NUMBER, number);
    }

    @AfterEach
    void unconfigure() {
        System.clearProperty(ProcessMbind.NUMBER);
    }

    @Test
    void withoutANumberNothingIsCalled() {
        assertThat(ProcessMbind.configured(answering(457), PAGE, 0)).isNull();
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {-22, -14, -38, -1, 0, 4096})
    void aNumberOfAnotherCallIsGivenUpAfterOneQuestionThatCanDoNoHarm(long answer) {
        configure("457");
        assertThatExceptionOfType(ProcessMbind.OtherCallException.class)
                .isThrownBy(() -> ProcessMbind.configured(answering(457, answer), PAGE, 0))
                .withMessageContaining("457 is not the number of process_mbind")
                .withMessageContaining("statmount");
        assertThat(asked).containsExactly(List.of(-1L, 0L, 0L, (long) Linux.MPOL_BIND(), 0L, 0L));
    }

    @Test
    void aCallThatTakesAModeThatThereIsNotIsNotThisOne() {
        configure("500");
        assertThatExceptionOfType(ProcessMbind.OtherCallException.class)
                .isThrownBy(() -> ProcessMbind.configured(answering(500, -Linux.EBADF(), PAGE), PAGE, 0));
        assertThat(asked).hasSize(2);
    }

    @Test
    void aCallThatSucceedsAndSetsNoPolicyIsNotThisOne() {
        configure("500");
        assertThatExceptionOfType(ProcessMbind.OtherCallException.class)
                .isThrownBy(
                        () -> ProcessMbind.configured(answering(500, -Linux.EBADF(), -Linux.EINVAL(), PAGE), PAGE, 0));
        assertThat(asked).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "0", "62", "237", "456", "70000", "4294967753", "0x1c9"})
    void whatCannotBeItsNumberIsRefusedUnasked(String number) {
        configure(number);
        assertThatExceptionOfType(ProcessMbind.OtherCallException.class)
                .isThrownBy(() -> ProcessMbind.configured(answering(457, -Linux.EBADF()), PAGE, 0))
                .withMessageContaining(ProcessMbind.NUMBER + "=" + number);
        assertThat(asked).isEmpty();
    }

    @Test
    @Tag("kernel")
    void noReleasedKernelIsTakenForOneThatHasIt() {
        configure("457");
        assertThatExceptionOfType(ProcessMbind.OtherCallException.class)
                .isThrownBy(() -> ProcessMbind.configured(LinuxKernel.instance(), PAGE, 0));
    }
}
