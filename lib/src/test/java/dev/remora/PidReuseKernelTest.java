package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.jvm.OtherJvm;
import dev.remora.preconditions.Skip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No call reaches, and no fact is told of, a stranger who was given the number of the process that was opened. */
@Tag("kernel")
final class PidReuseKernelTest {

    private static final List<String> IN_A_PID_NAMESPACE =
            List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");

    @Test
    void aStrangerWithTheSameNumberIsNeverTouched() throws IOException, InterruptedException {
        assertThat(storm("30")).containsPattern("[1-9]\\d* OK gone");
    }

    @Test
    void norFrozen() throws IOException, InterruptedException {
        assertThat(storm("10", "freezing")).containsPattern("[1-9]\\d* OK frozen");
    }

    private static String storm(String... arguments) throws IOException, InterruptedException {
        List<String> probe = new ArrayList<>(IN_A_PID_NAMESPACE);
        probe.addAll(List.of("sh", "-c", "echo 1000 > /proc/sys/kernel/ns_last_pid && echo ready"));
        String answer = OtherJvm.run(probe);
        Skip.unless(answer.equals("ready\n"), "numbers cannot be given away here, which takes root: " + answer.strip());
        List<String> storm = new ArrayList<>(IN_A_PID_NAMESPACE);
        storm.addAll(OtherJvm.line(PidReuse.class, arguments));
        String results = OtherJvm.run(storm);
        System.out.println(results);
        assertThat(results).doesNotContain("WRONG", "Exception");
        return results;
    }
}
