package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BuildIdTest {

    @Test
    void isMadeOfBytes() {
        assertThat(BuildId.of(new byte[] {0, (byte) 0xff, 0x1a}))
                .hasToString("00ff1a")
                .isEqualTo(new BuildId("00ff1a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0g", "FF", "00 1a"})
    void whatIsNoBytesIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BuildId(text))
                .withMessageContaining("'" + text + "' is not");
    }

    @Test
    void noBytesAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> BuildId.of(new byte[0]));
    }
}
