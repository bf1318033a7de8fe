import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.Advice;
import dev.remora.Finding;
import dev.remora.MissingRight;
import dev.remora.NoSuchProcessException;
import dev.remora.ReleaseOutcome;
import dev.remora.SkipReason;
import dev.remora.addressspace.MappingKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages say of the code and of each other is so. */
final class GuideTest {

    private static final Path REPOSITORY = repository();
    private static final Path DOCS = REPOSITORY.resolve("docs");
    private static final Path EXAMPLES = DOCS.resolve("examples");
    private static final Path GUIDE = DOCS.resolve("guide");

    private static final Pattern FENCED =
            Pattern.compile("^ *```(\\w*)\\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)|^\\[[^]]+]: *(\\S+)", Pattern.MULTILINE);
    private static final Pattern NOT_A_FILE = Pattern.compile("[a-z]+:.*|#.*");
    private static final Pattern FIRST_CELL = Pattern.compile("^\\| `([A-Z_]+)` \\|", Pattern.MULTILINE);

    private static Path repository() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(directory.resolve("docs/guide"))) {
            directory = directory.getParent();
        }
        return directory;
    }

    /** Does not go into what the build writes to meanwhile. */
    private static List<Path> files(Path root, String suffix) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> here = Files.list(root)) {
            for (Path path : here.filter(path -> !path.endsWith("target")).toList()) {
                if (Files.isDirectory(path)) {
                    found.addAll(files(path, suffix));
                } else if (path.toString().endsWith(suffix)) {
                    found.add(path);
                }
            }
        }
        found.sort(Comparator.naturalOrder());
        return found;
    }

    private static List<Path> topLevel(String... names) {
        return Stream.of(names).map(REPOSITORY::resolve).filter(Files::exists).toList();
    }

    private static List<Path> pagesWithJava() throws IOException {
        List<Path> pages = new ArrayList<>(files(GUIDE, ".md"));
        pages.addAll(topLevel("README.md", "docs/architecture.md"));
        return pages;
    }

    private static List<Path> pagesWithLinks() throws IOException {
        List<Path> pages = new ArrayList<>(files(DOCS, ".md"));
        pages.addAll(topLevel("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bindings/README.md"));
        return pages;
    }

    private static List<MatchResult> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    @Test
    void javaOnThePagesIsThatOfTheExamples() throws IOException {
        List<List<String>> examples = new ArrayList<>();
        for (Path example : files(EXAMPLES, ".java")) {
            examples.add(Files.readAllLines(example));
        }
        List<String> foreign = new ArrayList<>();
        int blocks = 0;
        for (Path page : pagesWithJava()) {
            for (MatchResult fenced : all(FENCED, Files.readString(page))) {
                if (fenced.group(1).equals("java")) {
                    blocks++;
                    String block = fenced.group(2).stripTrailing().stripIndent();
                    if (examples.stream().noneMatch(lines -> contains(lines, block))) {
                        foreign.add(REPOSITORY.relativize(page) + ":\n" + block);
                    }
                }
            }
        }
        assertThat(foreign)
                .as("Java blocks that are in no file of docs/examples")
                .isEmpty();
        assertThat(blocks).as("Java blocks found").isGreaterThanOrEqualTo(5);
    }

    /** Whether some whole lines are those of the block, when both are moved to the left as far as they go. */
    private static boolean contains(List<String> lines, String block) {
        int size = (int) block.lines().count();
        for (int i = 0; i + size <= lines.size(); i++) {
            String piece = String.join("\n", lines.subList(i, i + size));
            if (piece.stripIndent().equals(block)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void linksLeadToFiles() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : pagesWithLinks()) {
            String prose = FENCED.matcher(Files.readString(page)).replaceAll("");
            for (MatchResult link : all(LINK, prose)) {
                String target = link.group(1) == null ? link.group(2) : link.group(1);
                if (!NOT_A_FILE.matcher(target).matches()) {
                    links++;
                    String file = target.replaceFirst("#.*", "");
                    if (!Files.exists(page.resolveSibling(file))) {
                        broken.add(REPOSITORY.relativize(page) + " -> " + target);
                    }
                }
            }
        }
        assertThat(broken).as("links that lead nowhere").isEmpty();
        assertThat(links).as("links found").isGreaterThanOrEqualTo(10);
    }

    @Test
    void everyExampleIsShownSomewhere() throws IOException {
        var shown = new StringBuilder();
        for (Path page : files(GUIDE, ".md")) {
            shown.append(Files.readString(page));
        }
        for (Path source : files(REPOSITORY.resolve("lib/src/main/java"), ".java")) {
            all(Pattern.compile("@snippet file=\"([^\"]+)\""), Files.readString(source))
                    .forEach(snippet -> shown.append(' ').append(snippet.group(1)));
        }
        assertThat(files(EXAMPLES, ".java"))
                .isNotEmpty()
                .allSatisfy(example -> assertThat(shown)
                        .as("the guide pages and the snippets of the Javadoc")
                        .contains(example.getFileName().toString()));
    }

    @Test
    void everyPageIsInTheIndex() throws IOException {
        String index = Files.readString(GUIDE.resolve("README.md"));
        assertThat(files(GUIDE, ".md"))
                .filteredOn(page -> !page.endsWith("README.md"))
                .isNotEmpty()
                .allSatisfy(page -> assertThat(index).contains("](" + GUIDE.relativize(page) + ")"));
    }

    @Test
    void theReasonsForSkippingAreThoseOfTheEnum() throws IOException {
        assertThat(firstCells("advice.md", "Why a part is skipped"))
                .containsExactly(Stream.of(SkipReason.values()).map(Enum::name).toArray(String[]::new));
    }

    @Test
    void theReasonsForRefusingANumberAreThoseOfTheEnum() throws IOException {
        assertThat(firstCells("opening.md", "What is refused"))
                .containsExactly(Stream.of(NoSuchProcessException.Reason.values())
                        .map(Enum::name)
                        .toArray(String[]::new));
    }

    @Test
    void theObstaclesAreThoseOfTheEnum() throws IOException {
        assertThat(firstCells("ending.md", "Outcomes"))
                .containsExactly(Stream.of(ReleaseOutcome.TimedOut.Obstacle.values())
                        .map(Enum::name)
                        .toArray(String[]::new));
    }

    @Test
    void theMissingRightsAreThoseOfTheEnum() throws IOException {
        assertThat(firstCells("permissions.md", "What is told apart"))
                .containsExactly(
                        Stream.of(MissingRight.values()).map(Enum::name).toArray(String[]::new));
    }

    @Test
    void theAreasOfTheDoctorAreThoseOfTheEnum() throws IOException {
        assertThat(firstCells("doctor.md", "What it looks at"))
                .containsExactly(Stream.concat(Stream.of(Finding.Area.values()), Stream.of(Finding.Status.values()))
                        .map(Enum::name)
                        .toArray(String[]::new));
    }

    @Test
    void theKindsOfMappingsAreThoseOfTheEnum() throws IOException {
        assertThat(firstCells("address-spaces.md", "Kinds"))
                .containsExactly(Stream.of(MappingKind.values()).map(Enum::name).toArray(String[]::new));
    }

    private static List<String> firstCells(String page, String heading) throws IOException {
        String section = section(Files.readString(GUIDE.resolve(page)), heading);
        return all(FIRST_CELL, section).stream().map(cell -> cell.group(1)).toList();
    }

    private static String section(String text, String heading) {
        String start = "\n## " + heading + "\n";
        assertThat(text).contains(start);
        String rest = text.substring(text.indexOf(start) + start.length());
        int end = rest.indexOf("\n## ");
        return end < 0 ? rest : rest.substring(0, end);
    }

    @Test
    void theFirstKernelsAreThoseOfTheEnum() throws IOException {
        String verbs = section(Files.readString(GUIDE.resolve("advice.md")), "Four verbs");
        for (Advice advice : Advice.values()) {
            assertThat(verbs)
                    .containsPattern("\\| `" + advice + "` \\| " + Pattern.quote(advice.firstKernel()) + " \\|");
        }
    }
}
