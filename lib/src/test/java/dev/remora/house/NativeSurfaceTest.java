package dev.remora.house;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.preconditions.Skip;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("house")
final class NativeSurfaceTest {

    /** With their nested classes. */
    private static final Set<String> HAND_WRITTEN =
            Set.of("dev.remora.syscall.LinuxKernel", "dev.remora.syscall.NativeAccess");

    private static final Pattern CLASS_HEADING = Pattern.compile("^  (\\S+):$", Pattern.MULTILINE);

    @Test
    void nativeCodeIsReachedFromTheseClassesOnly() {
        SortedSet<String> found = classesThatMayReachNativeCode();
        assertThat(found).anyMatch(NativeSurfaceTest::isGenerated);
        found.removeIf(NativeSurfaceTest::isGenerated);
        assertThat(found).containsExactlyInAnyOrderElementsOf(HAND_WRITTEN);
    }

    private static boolean isGenerated(String name) {
        return name.startsWith(House.BINDINGS + ".");
    }

    private static SortedSet<String> classesThatMayReachNativeCode() {
        return CLASS_HEADING
                .matcher(scan())
                .results()
                .map(NativeSurfaceTest::outermostClass)
                .collect(toCollection(TreeSet::new));
    }

    private static String outermostClass(MatchResult heading) {
        return heading.group(1).replaceFirst("\\$.*", "");
    }

    private static String scan() {
        ToolProvider scanner = ToolProvider.findFirst("jnativescan")
                .orElseThrow(() -> Skip.because("jnativescan came with JDK 24, and this is " + Runtime.version()));
        var output = new StringWriter();
        var printer = new PrintWriter(output);
        int exit = scanner.run(printer, printer, "--module-path", modulePath(), "--add-modules", House.LIBRARY);
        assertThat(exit).as("exit code of jnativescan, which says%n%s", output).isZero();
        return output.toString();
    }

    private static String modulePath() {
        return Stream.of(House.LIBRARY, House.BINDINGS, "org.apache.logging.log4j")
                .map(House::location)
                .map(Path::toString)
                .collect(joining(":"));
    }
}
