package dev.remora.procfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

final class TextLinesProperties {

    @Property(tries = 300)
    void linesComeBackHoweverTheyArePortioned(
            @ForAll("lines") List<String> lines,
            @ForAll @IntRange(min = 1, max = 100_000) int longest,
            @ForAll long seed,
            @ForAll boolean newlineAtTheEnd) {
        boolean lastCanDoWithout = lines.isEmpty() || !lines.getLast().isEmpty();
        String end = lines.isEmpty() || (lastCanDoWithout && !newlineAtTheEnd) ? "" : "\n";
        byte[] text = (String.join("\n", lines) + end).getBytes(UTF_8);
        assertThat(TextLinesTest.all(new Portions(text, longest, seed))).isEqualTo(lines);
    }

    @Provide
    Arbitrary<List<String>> lines() {
        Arbitrary<String> lengthy = Arbitraries.integers().between(0, 70_000).map("w"::repeat);
        return Arbitraries.frequencyOf(
                        Tuple.of(
                                9,
                                Arbitraries.strings().ascii().excludeChars('\n').ofMaxLength(60)),
                        Tuple.of(1, lengthy))
                .list()
                .ofMaxSize(20);
    }
}
