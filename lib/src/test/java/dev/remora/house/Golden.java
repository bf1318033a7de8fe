package dev.remora.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Facts about the library, one per line, as they were when somebody last agreed to them. */
record Golden(Path file, Repair repair) {

    static Golden named(String name, Repair repair) {
        return new Golden(House.LIB.resolve("src/test/resources/golden").resolve(name), repair);
    }

    void isStill(SortedSet<String> facts) throws IOException {
        if (repair.requested()) {
            Files.write(file, facts);
        }
        var agreed = new TreeSet<>(Files.exists(file) ? Files.readAllLines(file) : List.of());
        assertThat(Stream.concat(only("- ", agreed, facts), only("+ ", facts, agreed)))
                .as("changes to %s; if they are meant, write them down with%n%s", file.getFileName(), repair.command())
                .isEmpty();
    }

    private static Stream<String> only(String sign, Collection<String> these, Collection<String> without) {
        return these.stream().filter(fact -> !without.contains(fact)).map(sign::concat);
    }
}
