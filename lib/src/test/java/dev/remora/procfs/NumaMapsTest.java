package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NumaMapsTest {

    private static final String TEXT = """
        556ca0000000 default file=/usr/bin/a\\040b mapped=3 N0=3 kernelpagesize_kB=4
        7f0000000000 bind:1 anon=2 dirty=2 N1=2 kernelpagesize_kB=4
        7f0000002000 prefer (many):0-1 anon=5 dirty=5 active=0 N0=2 N1=3 kernelpagesize_kB=4
        7f0000100000 weighted interleave:0-1
        7f0000200000 default file=/dev/hugepages/x huge anon=1 dirty=1 N1=1 kernelpagesize_kB=2048
        7ffc00000000 default stack anon=3 dirty=3 N1=3 kernelpagesize_kB=4
        ffffffffff600000 default
        """;

    private static NumaMaps parse(String text) {
        return NumaMaps.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private final NumaMaps maps = parse(TEXT);

    @Test
    void aPolicyMayHaveTwoWords() {
        assertThat(maps.policies(0x7f0000000000L, 0x2000)).containsExactly("bind:1");
        assertThat(maps.policies(0x7f0000002000L, 0x1000)).containsExactly("prefer (many):0-1");
        assertThat(maps.policies(0x7f0000100000L, 0x1000)).containsExactly("weighted interleave:0-1");
    }

    @Test
    void aRangeMayBeginInAMappingAndCoverOthers() {
        assertThat(maps.policies(0x7f0000001000L, 0x2000)).containsExactly("bind:1", "prefer (many):0-1");
    }

    @Test
    void belowTheFirstMappingThereIsNone() {
        assertThat(maps.policies(0x1000, 0x1000)).isEmpty();
        assertThat(parse("").policies(0x1000, 0x1000)).isEmpty();
    }

    @Test
    void countsBytesByThePagesOfTheMapping() {
        assertThat(maps.bytesOfNodes(0x7f0000000000L, 0x7f0000100000L)).isEqualTo(Map.of(0, 8192L, 1, 20480L));
        assertThat(maps.bytesOfNodes(0x7f0000200000L, 0x7f0000200001L)).isEqualTo(Map.of(1, 2L << 20));
        assertThat(maps.bytesOfNodes(0x7f0000100000L, 0x7f0000100001L)).isEmpty();
    }

    @Test
    void knowsWhereMappingsBegin() {
        assertThat(maps.beginning(0x7f0000001fffL)).isEqualTo(0x7f0000000000L);
        assertThat(maps.nextBeginning(0x7f0000000001L)).isEqualTo(0x7f0000002000L);
        assertThat(maps.nextBeginning(0x7ffc00000001L)).isEqualTo(0xffffffffff600000L);
    }
}
