package dev.remora.procfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WildcardTest {

    @ParameterizedTest
    @CsvSource({
        "'', '', true",
        "'', a, false",
        "*, '', true",
        "**, '', true",
        "*, anything at all, true",
        "[heap], [heap], true",
        "[heap], [heap, false",
        "[heap, [heap], false",
        "/memfd:*, /memfd:java_heap (deleted), true",
        "*(deleted), /memfd:java_heap (deleted), true",
        "*libc*, /usr/lib/libc.so.6, true",
        "*.so, /usr/lib/libc.so.6, false",
        "*ab, aab, true",
        "a*b*c, a-b-b-c, true",
        "a*b*c, a-c-b, false",
        "*a, ab, false",
        "/x?, /xy, false",
        "/*/żółw, /a/b/żółw, true",
        "*, '*', true",
        "a*, 'a*b', true"
    })
    void aStarStandsForAnyBytes(String pattern, String text, boolean matches) {
        assertThat(matches(pattern, text)).isEqualTo(matches);
    }

    @Test
    void looksAtNothingOutsideTheText() {
        byte[] around = "xx/memfd:heapyy".getBytes(UTF_8);
        assertThat(Wildcard.matches("/memfd:heap".getBytes(UTF_8), around, 2, around.length - 2))
                .isTrue();
        assertThat(Wildcard.matches("*yy".getBytes(UTF_8), around, 2, around.length - 2))
                .isFalse();
        assertThat(Wildcard.matches("xx*".getBytes(UTF_8), around, 2, around.length - 2))
                .isFalse();
        assertThat(Wildcard.matches(new byte[0], around, 4, 4)).isTrue();
    }

    @Test
    void manyStarsStayFast() {
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            String text = "a".repeat(20_000);
            assertThat(matches("*a".repeat(500) + "b", text)).isFalse();
            assertThat(matches("a*".repeat(500) + "b", text)).isFalse();
            assertThat(matches("*" + "a".repeat(500) + "b", text)).isFalse();
            assertThat(matches("*a".repeat(500), text)).isTrue();
            assertThat(matches("*".repeat(20_000), text)).isTrue();
        });
    }

    private static boolean matches(String pattern, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return Wildcard.matches(pattern.getBytes(UTF_8), bytes, 0, bytes.length);
    }
}
