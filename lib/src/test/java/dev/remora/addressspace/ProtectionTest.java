package dev.remora.addressspace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProtectionTest {

    @ParameterizedTest
    @CsvSource({
        "false, false, false, ---",
        "true, false, false, r--",
        "false, true, false, -w-",
        "false, false, true, --x",
        "true, true, false, rw-",
        "true, false, true, r-x",
        "false, true, true, -wx",
        "true, true, true, rwx"
    })
    void printsAsInMaps(boolean readable, boolean writable, boolean executable, String text) {
        assertThat(new Protection(readable, writable, executable)).hasToString(text);
    }

    @Test
    void constantsAreWhatTheirNamesSay() {
        assertThat(Protection.NONE).hasToString("---");
        assertThat(Protection.READ).hasToString("r--");
        assertThat(Protection.READ_WRITE).hasToString("rw-");
        assertThat(Protection.READ_EXECUTE).hasToString("r-x");
    }
}
