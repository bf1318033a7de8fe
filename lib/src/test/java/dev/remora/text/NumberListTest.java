package dev.remora.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

final class NumberListTest {

    @Test
    void theLimitIsTheFirstNumberThatIsTooLarge() {
        assertThat(NumberList.parse("7", 8)).isEqualTo(BitSet.valueOf(new long[] {1 << 7}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NumberList.parse("8", 8))
                .withMessage("'8' is no list of numbers: 8 is too large. Numbers from 0 to 7 are separated by commas,"
                        + " neighbours joined by a dash, as in 0-3,8");
    }

    @Test
    void neighboursAreJoined() {
        assertThat(NumberList.format(NumberList.parse("9,1,2,3,5,8191", 8192))).isEqualTo("1-3,5,9,8191");
        assertThat(NumberList.format(new BitSet())).isEmpty();
    }

    @Test
    void whatATerminalObeysIsNotRepeated() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NumberList.parse("1,\u001b[2J", 8))
                .withMessageContaining("'\\033[2J' is no number");
    }
}
