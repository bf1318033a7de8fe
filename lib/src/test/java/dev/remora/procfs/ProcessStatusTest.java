package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProcessStatusTest {

    private static final String INIT = "1 (systemd) S 0 1 1 0 -1 4194560 31007 5002776 0 951 64 338 17446"
            + " 2546 20 0 1 0 8 172908544 3341 18446744073709551615 1 2 140728898420736 0 0\n";
    private static final long STACK = 140_728_898_420_736L;
    private static final String KTHREADD =
            "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 24 0 0" + " 18446744073709551615 0 0 0 0 0\n";

    @Test
    void readsTheCommand() {
        assertThat(ProcessStatus.parse(INIT)).isEqualTo(new ProcessStatus("systemd", 'S', 0, 4_194_560, 1, STACK));
    }

    @Test
    void knowsAKernelThreadByItsFlag() {
        assertThat(ProcessStatus.parse(KTHREADD)).isEqualTo(new ProcessStatus("kthreadd", 'S', 0, 2_129_984, 1, 0));
        assertThat(ProcessStatus.parse(KTHREADD.replace("2129984", "2097152")).kernelThread())
                .isTrue();
        assertThat(ProcessStatus.parse(KTHREADD.replace("2129984", "4292870143"))
                        .kernelThread())
                .as("every flag but PF_KTHREAD")
                .isFalse();
    }

    @Test
    void knowsWorkersOfIoUring() {
        assertThat(ProcessStatus.parse(INIT).worker()).isFalse();
        assertThat(ProcessStatus.parse(INIT.replace("4194560", "4194576")).worker())
                .isTrue();
        assertThat(ProcessStatus.parse(INIT.replace("4194560", "4210944")).worker())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"R, false", "S, false", "D, false", "T, false", "t, false", "I, false", "Z, true", "X, true", "x, true"
    })
    void knowsWhoHasEnded(String state, boolean zombie) {
        assertThat(ProcessStatus.parse(INIT.replace(") S ", ") " + state + " ")).zombie())
                .isEqualTo(zombie);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "two words",
                " ",
                "",
                "(sd-pam)",
                "a) Z 1 (b",
                ") Z 0 0 0 0 -1 2",
                "))))",
                "((((",
                "new\nline",
                "\n",
                "żółw 🐟",
                "Web Content"
            })
    void aCommandMayBeAnything(String command) {
        assertThat(ProcessStatus.parse(INIT.replace("systemd", command)))
                .isEqualTo(new ProcessStatus(command, 'S', 0, 4_194_560, 1, STACK));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1 systemd S 0", "1 )systemd( S 0 1 1 0 -1 0", "1 (x) S 0", "1 (x) S 0 1 1 0 -1 abc"})
    void whatIsNoStatusIsRefusedAndNamed(String text) {
        assertThatIllegalStateException()
                .isThrownBy(() -> ProcessStatus.parse(text))
                .withMessage("This kernel's /proc/PID/stat is not as Remora expects it: " + text);
    }

    @Test
    void readsThisProcess() throws IOException {
        var status = ProcessStatus.parse(Files.readString(Path.of("/proc/self/stat")));
        String command = Files.readString(Path.of("/proc/self/comm")).stripTrailing();
        assertThat(status.command()).isEqualTo(command);
        assertThat(status.zombie()).isFalse();
        assertThat(status.kernelThread()).isFalse();
        assertThat(status.parentPid())
                .isEqualTo((int) ProcessHandle.current().parent().orElseThrow().pid());
        assertThat(status.stackAddress()).isNotZero();
    }
}
