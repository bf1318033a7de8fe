package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.jvm.OtherJvm;
import dev.remora.preconditions.Skip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No call reaches, and no fact is told of, a stranger who was given the number of the process that was opened. */
@Tag("kernel")
final class PidReuseKernelTest {

    private static final List<String> IN_A_PID_NAMESPACE =
            List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");

    @Test
    void aStrangerWithTheSameNumberIsNeverTouched() throws IOException, InterruptedException {
        assertMostlyPlayed(storm("30"), "OK gone");
    }

    @Test
    void norFrozen() throws IOException, InterruptedException {
        assertMostlyPlayed(storm("10", "freezing"), "OK frozen");
    }

    /** Some numbers are not free in time, or a thread of the other JVM gets them. */
    private static void assertMostlyPlayed(String results, String played) {
        Map<String, Integer> counts = results.lines()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.toMap(words -> words[1], words -> Integer.parseInt(words[0])));
        assertThat(counts).containsKey(played);
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        int right = counts.entrySet().stream()
                .filter(count -> count.getKey().startsWith("OK"))
                .mapToInt(Map.Entry::getValue)
                .sum();
        assertThat(2 * right).as(results).isGreaterThan(all);
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
