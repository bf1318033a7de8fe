package dev.remora.bindings;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps generated code as jextract wrote it, from the headers and symbol lists that are here. */
final class GeneratedFilesTest {
    private static final String ADVICE = "Generated files are never edited: change the symbol list and regenerate with"
            + " `mvn -Pjextract -pl bindings generate-sources`";

    @Test
    void filesAreThoseOfTheLastGeneration() throws IOException {
        Set<Entry<String, String>> recorded = recordedChecksums().entrySet();
        Set<Entry<String, String>> actual = actualChecksums().entrySet();
        assertEquals(Set.of(), paths(recorded, actual), "Changed or missing. " + ADVICE);
        assertEquals(Set.of(), paths(actual, recorded), "Changed or extra. " + ADVICE);
    }

    private static Set<String> paths(Set<Entry<String, String>> from, Set<Entry<String, String>> without) {
        return from.stream()
                .filter(file -> !without.contains(file))
                .map(Entry::getKey)
                .collect(toSet());
    }

    private static Map<String, String> recordedChecksums() throws IOException {
        try (var lines = Files.lines(BindingsDirectory.SYMBOL_LISTS.resolve("generated.sha256"))) {
            return lines.map(line -> line.split("  ", 2)).collect(byPath(words -> words[1], words -> words[0]));
        }
    }

    private static Map<String, String> actualChecksums() throws IOException {
        return Stream.of(
                        files(BindingsDirectory.HEADERS, ".h"),
                        files(BindingsDirectory.GENERATED, ".java"),
                        files(BindingsDirectory.SYMBOL_LISTS, ".symbols"))
                .flatMap(files -> files)
                .collect(byPath(GeneratedFilesTest::relativePath, GeneratedFilesTest::checksum));
    }

    private static <T> Collector<T, ?, Map<String, String>> byPath(
            Function<T, String> path, Function<T, String> checksum) {
        return toMap(path, checksum);
    }

    private static Stream<Path> files(Path directory, String suffix) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList().stream();
        }
    }

    private static String relativePath(Path file) {
        return BindingsDirectory.ROOT.relativize(file).toString();
    }

    private static String checksum(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
