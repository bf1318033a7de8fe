package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TextLinesTest {

    @Test
    void linesAreWithoutTheirNewlines() {
        assertThat(lines("one\ntwo\n")).containsExactly("one", "two");
        assertThat(lines("one\ntwo")).containsExactly("one", "two");
        assertThat(lines("")).isEmpty();
        assertThat(lines("\n")).containsExactly("");
        assertThat(lines("\n\none\n\n")).containsExactly("", "", "one", "");
        assertThat(lines("one\r\n")).containsExactly("one\r");
    }

    @Test
    void linesMayBeLongerThanTheBuffer() {
        String longer = "x".repeat((1 << 16) + 1);
        String muchLonger = "y".repeat(1_000_000);
        assertThat(lines("a\n" + longer + "\n" + muchLonger + "\nb\n")).containsExactly("a", longer, muchLonger, "b");
        String asLong = "z".repeat(1 << 16);
        assertThat(lines(asLong + "\n" + asLong)).containsExactly(asLong, asLong);
    }

    @Test
    void theEndStaysTheEnd() {
        var lines = new TextLines(MapsText.stream("one"));
        assertThat(lines.next()).isTrue();
        assertThat(lines.next()).isFalse();
        assertThat(lines.next()).isFalse();
    }

    @Test
    void aFailureToReadIsPassedOn() {
        var broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("gone");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("gone");
            }
        };
        var lines = new TextLines(new SequenceInputStream(MapsText.stream("one\n"), broken));
        assertThat(lines.next()).isTrue();
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(lines::next)
                .withMessageContaining("gone");
    }

    private static List<String> lines(String text) {
        return all(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    static List<String> all(InputStream source) {
        var lines = new TextLines(source);
        List<String> all = new ArrayList<>();
        while (lines.next()) {
            all.add(new String(lines.bytes(), lines.start(), lines.end() - lines.start(), StandardCharsets.UTF_8));
        }
        return all;
    }
}
