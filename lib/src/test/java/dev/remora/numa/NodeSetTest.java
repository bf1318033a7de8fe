package dev.remora.numa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeSetTest {

    @Test
    void allFactoriesMakeTheSameSet() {
        var set = NodeSet.of(8, 0, 3, 2, 1, 3);
        assertThat(set).hasToString("0-3,8").hasSameHashCodeAs(NodeSet.parse("0-3,8"));
        assertThat(NodeSet.parse("0-3,8")).isEqualTo(set);
        assertThat(NodeSet.of(List.of(3, 8, 0, 1, 2))).isEqualTo(set);
        assertThat(NodeSet.ofLongArray(new long[] {0b1_0000_1111, 0})).isEqualTo(set);
        assertThat(set).isNotEqualTo(NodeSet.of(0, 1, 2, 3)).isNotEqualTo(null).isNotEqualTo("0-3,8");
    }

    @Test
    void theEmptySetIsTheEmptyText() {
        assertThat(NodeSet.empty()).hasToString("").isEqualTo(NodeSet.of()).isEqualTo(NodeSet.parse(""));
        assertThat(NodeSet.parse(" \n")).isEqualTo(NodeSet.empty());
        assertThat(NodeSet.empty().isEmpty()).isTrue();
        assertThat(NodeSet.empty().size()).isZero();
        assertThat(NodeSet.empty().highest()).isEmpty();
        assertThat(NodeSet.empty().toLongArray()).isEmpty();
        assertThat(NodeSet.ofLongArray(new long[20])).isEqualTo(NodeSet.empty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0|0", "1023|1023", "0,1|0-1", "3,1-2|1-3", "0-3,2-5|0-5", "5,5|5", "007|7", "0-1023|0-1023"})
    void readsWhatTheKernelTakes(String text, String printed) {
        assertThat(NodeSet.parse(text + "\n")).hasToString(printed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a|'a' is no number",
                "0,|'' is no number",
                ",|'' is no number",
                "-1|'' is no number",
                "1-|'' is no number",
                "0-3:1/2|'3:1/2' is no number",
                "1 2|'1 2' is no number",
                "1-2-3|'2-3' is no number",
                "0x1|'0x1' is no number",
                "3-1|'3-1' ends before it begins",
                "1024|1024 is too large",
                "0-1024|1024 is too large",
                "9999999999|'9999999999' is no number"
            })
    void saysWhatIsWrongWithAList(String text, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeSet.parse(text))
                .withMessage("'" + text + "' is no list of numbers: " + reason
                        + ". Numbers from 0 to 1023 are separated by commas, neighbours joined by a dash, as in 0-3,8");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1024, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void refusesWhatNoNodeIsCalled(int node) {
        String message = "NUMA nodes have numbers from 0 to 1023, and " + node + " is none";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeSet.of(0, node))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeSet.of(List.of(node)))
                .withMessage(message);
        assertThat(NodeSet.parse("0-1023").contains(node)).isFalse();
    }

    @Test
    void refusesBitsThatStandForNoNode() {
        long[] words = new long[17];
        words[15] = Long.MIN_VALUE;
        assertThat(NodeSet.ofLongArray(words)).hasToString("1023");
        words[16] = 1;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeSet.ofLongArray(words))
                .withMessageContaining("1024 is none");
    }

    @Test
    void bitsAreOneWordForEach64Nodes() {
        assertThat(NodeSet.of(0, 63).toLongArray()).containsExactly(Long.MIN_VALUE | 1);
        assertThat(NodeSet.of(64).toLongArray()).containsExactly(0, 1);
        assertThat(NodeSet.of(1023).toLongArray()).hasSize(16);
    }

    @Test
    void noSetChangesFromOutside() {
        long[] words = {1};
        var set = NodeSet.ofLongArray(words);
        words[0] = 2;
        set.toLongArray()[0] = 4;
        assertThat(set).hasToString("0");
    }

    @Test
    void combinesSets() {
        var left = NodeSet.of(0, 1, 70);
        var right = NodeSet.of(1, 2);
        assertThat(left.union(right)).hasToString("0-2,70");
        assertThat(left.intersection(right)).hasToString("1");
        assertThat(left.without(right)).hasToString("0,70");
        assertThat(left).as("unchanged").hasToString("0-1,70");
        assertThat(left.containsAll(NodeSet.of(70, 0))).isTrue();
        assertThat(left.containsAll(right)).isFalse();
        assertThat(left.containsAll(NodeSet.empty())).isTrue();
        assertThat(left.highest()).hasValue(70);
        assertThat(left.stream()).containsExactly(0, 1, 70);
    }
}
