package dev.remora.addressspace;

import static dev.remora.addressspace.ByteSize.GiB;
import static dev.remora.addressspace.ByteSize.KiB;
import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 bytes",
        "1, 1 byte",
        "2, 2 bytes",
        "1023, 1023 bytes",
        "1024, 1 KiB",
        "1536, 1.5 KiB",
        "4096, 4 KiB",
        "1048575, 1.0 MiB",
        "1073741823, 1.0 GiB",
        "1572864, 1.5 MiB",
        "67108864, 64 MiB",
        "1073741824, 1 GiB",
        "1099511627776, 1 TiB",
        "1125899906842624, 1 PiB",
        "1152921504606846976, 1 EiB",
        "9223372036854775807, 8 EiB",
        "-4096, -4 KiB",
        "-9223372036854775808, -8 EiB"
    })
    void printsTheLargestUnitThatFits(long bytes, String text) {
        assertThat(ByteSize.format(bytes)).isEqualTo(text);
    }

    @Test
    void unitsBuildOnEachOther() {
        assertThat(KiB).isEqualTo(1024);
        assertThat(MiB).isEqualTo(1024 * KiB);
        assertThat(GiB).isEqualTo(1024 * MiB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tr-TR", "de-DE", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva", "en-US"})
    @ResourceLock(Resources.LOCALE)
    void printsTheSameInEveryLocale(String tag) {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag(tag));
            assertThat(ByteSize.format(3 * MiB / 2)).isEqualTo("1.5 MiB");
        } finally {
            Locale.setDefault(before);
        }
    }
}
