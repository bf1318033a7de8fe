import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.NoSuchProcessException;
import dev.remora.PermissionDeniedException;
import dev.remora.SkipReason;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the examples and looks at what they print. */
final class ExamplesTest {

    /** It is run by {@code mvn -Ptour}, and prints for people. */
    private static final String TOUR = "Tour";

    private static final Pattern RANGE = Pattern.compile("0x([0-9a-f]+)-0x([0-9a-f]+)");

    private static final Map<String, Consumer<String>> EXPECTATIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("Copying", ExamplesTest::copiesWhatIsThere),
            Map.entry("Ending", ExamplesTest::endsWhatItStarted),
            Map.entry("Examining", ExamplesTest::reportsOnTheHost),
            Map.entry("FirstSteps", ExamplesTest::pagesOutWhatTheChildMappedOrNamesTheSwap),
            Map.entry("Freezing", ExamplesTest::actsWhileItStandsStill),
            Map.entry("Looking", ExamplesTest::looksAtAllOfIt),
            Map.entry("Manners", ExamplesTest::advisesInItsManner),
            Map.entry("Measuring", ExamplesTest::measuresWhatItDoes),
            Map.entry("Observing", ExamplesTest::seesWhatWasDone),
            Map.entry("Opening", ExamplesTest::opensTheChildAndNothingElse),
            Map.entry("Outcomes", ExamplesTest::meetsEveryOutcome),
            Map.entry("Pages", ExamplesTest::tellsOfPages),
            Map.entry("Permissions", ExamplesTest::advisesOrNamesTheMissingRight),
            Map.entry("Placing", ExamplesTest::placesOnTheLastNode),
            Map.entry("Planned", ExamplesTest::saysWhatItWouldDo),
            Map.entry("Sandbox", ExamplesTest::advisesBothSidesOfTheHole),
            Map.entry("Selections", ExamplesTest::selectsWhatItNames),
            Map.entry("Unchanged", ExamplesTest::actsOnlyOnWhatItSaw)));

    /** They set limits of half a second, which a busy machine may exceed. */
    private static final List<String> IN_TIME = List.of("Ending", "Freezing");

    /** They only read or end a child of their own, which takes no privilege. */
    private static final List<String> WITHOUT_ADVICE =
            List.of("Copying", "Ending", "Looking", "Opening", "Pages", "Planned", "Selections");

    @Test
    void everyExampleIsExpectedToSaySomething() {
        List<String> examples = Stream.of(new File("examples").list())
                .filter(name -> name.endsWith(".java"))
                .map(name -> name.replace(".java", ""))
                .filter(name -> !name.equals(TOUR))
                .toList();
        assertThat(EXPECTATIONS).containsOnlyKeys(examples);
    }

    static Stream<String> examples() {
        return EXPECTATIONS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void saysWhatIsExpected(String example) throws ReflectiveOperationException {
        for (int spare = IN_TIME.contains(example) ? 9 : 0; spare > 0; spare--) {
            try {
                EXPECTATIONS.get(example).accept(output(example));
                return;
            } catch (AssertionError late) {
                System.out.println(example + " once more: " + late.getMessage());
            }
        }
        EXPECTATIONS.get(example).accept(output(example));
    }

    private static String output(String example) throws ReflectiveOperationException {
        var main = Class.forName(example).getDeclaredMethod("main", String[].class);
        var captured = new ByteArrayOutputStream();
        PrintStream console = System.out;
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            main.invoke(null, (Object) new String[0]);
        } catch (InvocationTargetException failure) {
            System.setOut(console);
            skipWithoutRight(example, failure.getCause());
            throw failure;
        } finally {
            System.setOut(console);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }

    private static void skipWithoutRight(String example, Throwable failure) {
        if (failure instanceof PermissionDeniedException && !WITHOUT_ADVICE.contains(example)) {
            System.out.println("SKIPPED ExamplesTest " + example + ": " + failure.getMessage());
            Assumptions.abort(failure.getMessage());
        }
    }

    private static void pagesOutWhatTheChildMappedOrNamesTheSwap(String output) {
        assertThat(output).containsPattern("^PAGEOUT of [0-9.]+ MiB: ");
        double of64OrMore = Pattern.compile(" ([0-9.]+) MiB (advised|skipped: there is not enough room in swap)\n")
                .matcher(output)
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .sum();
        assertThat(of64OrMore).as(output).isGreaterThanOrEqualTo(64);
    }

    private static void copiesWhatIsThere(String output) {
        assertThat(output)
                .contains("changed: true\n", "copied 14 MiB of 16 MiB\n", ", HOLE\n", "headers: copied 128 bytes\n");
    }

    private static void tellsOfPages(String output) {
        assertThat(output)
                .startsWith("of 16 MiB\n")
                .containsPattern(" 8 MiB +present\n")
                .containsPattern("(?m)^in RAM: \\[0x[0-9a-f]+-0x[0-9a-f]+\\]$")
                .contains("16 MiB of 24 MiB in mappings not used for", "to be paged out: 1 range, 16 MiB")
                .containsPattern("(?m)^(1 MiB written|not tracked: .*)$");
    }

    private static void advisesInItsManner(String output) {
        assertThat(output).startsWith("COLD of 256 MiB: all advised\n");
        assertThat(output).containsPattern("CANCELLED after [0-9.]+ MiB\n$");
    }

    private static void saysWhatItWouldDo(String output) {
        assertThat(output)
                .startsWith("mappings: anonymous, writable of process ")
                .contains("\n  COLD: reads /proc/PID/maps; calls process_madvise ")
                .endsWith("\nprocess_madvise 32 times\n");
    }

    private static void actsOnlyOnWhatItSaw(String output) {
        assertThat(output).startsWith("true\nnot done, look again: [0x").endsWith("] changed\n");
    }

    private static void measuresWhatItDoes(String output) {
        assertThat(output).containsPattern("page-out: [0-9.]+ ([KM]iB|bytes) left RAM, .* in RAM .* ms of CPU\n");
        assertThat(output)
                .containsPattern("[0-9.]+ ([KM]iB|bytes) of [0-9.]+ ([KM]iB|bytes) are huge, grew by [0-9.]+ ");
    }

    private static void looksAtAllOfIt(String output) {
        assertThat(output).containsPattern("^[0-9]+ mappings, [0-9.]+ [GM]iB\n  [A-Z]+ +[0-9]+ +[0-9.]+ [GM]iB\n");
        assertThat(output)
                .containsPattern("\nMEMFD: 0x[0-9a-f]+-0x[0-9a-f]+ rw-s 16 MiB /memfd:looked-at \\(deleted\\)\n");
        assertThat(output).contains("\na file it may write to: /memfd:looked-at (deleted)\n");
        assertThat(output).containsPattern("build id Optional(\\[[0-9a-f]+]|\\.empty)\n|Linux 6\\.11");
        assertThat(output).containsPattern("\n/memfd:looked-at \\(deleted\\) has [0-9.]+ ([KM]iB|bytes) in RAM and ");
        assertThat(output).containsPattern("\nin all [0-9.]+ MiB in RAM \\(");
        assertThat(output).containsPattern("\ndefault, bytes of each node: \\{0=|CONFIG_NUMA");
        assertThat(output).contains("\na HotSpot JVM\n");
        assertThat(output).containsPattern("Java heap in use: [0-9.]+ MiB\n$");
    }

    private static void seesWhatWasDone(String output) {
        assertThat(output).containsPattern("^COLD for process [0-9]+: Complete, 8 MiB, [45] calls\n$");
    }

    private static void opensTheChildAndNothingElse(String output) {
        assertThat(output.lines()).hasSize(3);
        List<String> lines = output.lines().toList();
        assertThat(lines.get(0)).matches("memory of process [0-9]+ \\(java\\) maps [0-9]{2,} ranges");
        assertThat(lines.get(1))
                .startsWith(NoSuchProcessException.Reason.NOT_FOUND + ": ")
                .contains(lines.get(0).split(" ", -1)[3]);
        assertThat(lines.get(2)).isEqualTo("nothing to look after behind this number");
    }

    private static void reportsOnTheHost(String output) {
        assertThat(output).startsWith("Remora on Linux " + System.getProperty("os.version") + ": ");
        assertThat(output).containsPattern("\nkernel\n  pidfd_open +yes 5.3\n");
        assertThat(output).contains("\nrights\n", "\nmemory\n", "\ncontrol\n");
        assertThat(output)
                .containsPattern("pageOut\\(\\) (has somewhere to go|leaves anonymous memory where it is)\n$");
    }

    private static void advisesOrNamesTheMissingRight(String output) {
        assertThat(output)
                .containsPattern("^COLD of [0-9.]+ MiB: |(?s)^process_madvise\\(process .*: EPERM.*"
                        + "\n(CAP_SYS_NICE|INITIAL_USER_NAMESPACE|SECCOMP_FILTER): ");
    }

    private static void actsWhileItStandsStill(String output) {
        assertThat(output)
                .containsPattern("^[0-9.]+ MiB advised\n"
                        + "[0-9]+ mappings at one moment, in PT.*S\n"
                        + "it ran again before the end\n"
                        + "$");
    }

    private static void endsWhatItStarted(String output) {
        assertThat(output.lines()).hasSize(5);
        assertThat(output).contains("told: ");
        assertThat(output).containsPattern("process [0-9]+: (reaped|released by its own exit)");
        assertThat(output).containsPattern("freed by (this call, in PT|its own exit: FASTER)");
        assertThat(output).containsPattern("ended when asked|had to be killed");
        assertThat(output).contains("it has ended");
    }

    private static void placesOnTheLastNode(String output) {
        assertThat(output).containsPattern("[0-9]+ NUMA nodes?, allowed: ");
        assertThat(output).containsPattern("bind:[0-9]+ for 4 MiB: all placed, 4 MiB confirmed, ");
        assertThat(output).containsPattern("policy: bind:[0-9]+\n");
        assertThat(output).containsPattern("\\{[0-9]+=8388608}, allowed: ");
        assertThat(output).containsPattern("confirmed: 8388608\n|not done: CONFINED\n");
        assertThat(output).containsPattern("moved to nodes [0-9]+: (0 bytes|8 MiB)\n");
        assertThat(output).contains("shared with others: 0\n");
        assertThat(output).contains("Complete[from=0, to=");
    }

    private static void meetsEveryOutcome(String output) {
        List<String> lines = output.lines().toList();
        assertThat(lines).hasSize(5);
        assertThat(lines.get(0)).isEqualTo("all 8 MiB advised");
        assertThat(lines.get(1)).endsWith(" " + SkipReason.HOLE);
        assertThat(byteSize(lines.get(1))).isEqualTo(1 << 20);
        assertThat(lines.get(2)).startsWith("0 ranges");
        assertThat(lines.get(3)).contains("COLD");
        assertThat(lines.get(4)).startsWith("gone, 8 MiB not reached");
    }

    private static long byteSize(String line) {
        var range = RANGE.matcher(line);
        assertThat(range.find()).as("a range in " + line).isTrue();
        return Long.parseLong(range.group(2), 16) - Long.parseLong(range.group(1), 16);
    }

    private static void advisesBothSidesOfTheHole(String output) {
        List<String> lines = output.lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).isEqualTo("COLD of 8 MiB: 7 MiB advised, 1 MiB skipped");
        assertThat(lines.subList(1, 4).stream().map(ExamplesTest::byteSize))
                .containsExactly(2L << 20, 1L << 20, 5L << 20);
        assertThat(lines.get(1)).endsWith(" advised");
        assertThat(lines.get(2)).endsWith(" skipped: " + SkipReason.HOLE.explanation());
        assertThat(lines.get(3)).endsWith(" advised");
    }

    private static void selectsWhatItNames(String output) {
        assertThat(paragraph(output, "mappings: anonymous, writable of"))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).matches(".* rw.p .*|.*more"));
        assertThat(paragraph(output, "mappings: named /memfd:java_heap* of"))
                .singleElement()
                .asString()
                .endsWith("32 MiB /memfd:java_heap (deleted)");
        assertThat(paragraph(output, "mappings: anonymous, writable, within "))
                .singleElement()
                .satisfies(line -> assertThat(byteSize(line)).isEqualTo(8 << 20));
        assertThat(paragraph(output, "mappings: writable, at least 16 MiB of"))
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(line -> assertThat(byteSize(line)).isGreaterThanOrEqualTo(16 << 20));
        assertThat(paragraph(output, "mappings: named *.so*, where … of"))
                .isNotEmpty()
                .anySatisfy(line -> assertThat(line).contains("libjvm.so"))
                .allSatisfy(line -> assertThat(line).matches(".* r.xp .*\\.so.*|.*more"));
        assertThat(output).contains("2 ranges, 24 MiB of process ");
    }

    /** The rows of the table that follows a line. */
    private static List<String> paragraph(String output, String firstLine) {
        return output.lines()
                .dropWhile(line -> !line.startsWith(firstLine))
                .skip(2)
                .takeWhile(line -> line.startsWith("  "))
                .toList();
    }
}
