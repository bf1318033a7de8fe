package dev.remora.procfs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

final class WildcardProperties {

    @Property(tries = 3000)
    void agreesWithARegularExpression(
            @ForAll @Chars({'a', 'b', '*', '.'}) @StringLength(max = 7) String pattern,
            @ForAll @Chars({'a', 'b', '.', '*'}) @StringLength(max = 9) String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        assertThat(Wildcard.matches(pattern.getBytes(ISO_8859_1), bytes, 0, bytes.length))
                .isEqualTo(expression(pattern).matcher(text).matches());
    }

    @Property(tries = 300)
    void everyTextIsItsOwnPattern(@ForAll String text) {
        byte[] bytes = text.getBytes(UTF_8);
        assertThat(Wildcard.matches(bytes, bytes, 0, bytes.length)).isTrue();
    }

    private static Pattern expression(String pattern) {
        String expression = pattern.chars()
                .mapToObj(letter -> letter == '*' ? ".*" : Pattern.quote(Character.toString(letter)))
                .collect(Collectors.joining());
        return Pattern.compile(expression, Pattern.DOTALL);
    }
}
