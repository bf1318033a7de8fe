package dev.remora.numa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MemoryPolicyTest {

    private static final NodeSet TWO = NodeSet.of(0, 1);

    /** The numbers are those of the kernel's include/uapi/linux/mempolicy.h. */
    static Stream<Arguments> policies() {
        return Stream.of(
                Arguments.of(MemoryPolicy.systemDefault(), "default", 0, "2.6.7"),
                Arguments.of(MemoryPolicy.local(), "local", 4, "3.8"),
                Arguments.of(MemoryPolicy.preferred(1), "prefer:1", 1, "2.6.7"),
                Arguments.of(MemoryPolicy.preferred(1).staticNodes(), "prefer=static:1", 0x8001, "2.6.26"),
                Arguments.of(MemoryPolicy.preferred(1).relativeNodes(), "prefer=relative:1", 0x4001, "2.6.26"),
                Arguments.of(MemoryPolicy.preferredMany(TWO), "prefer (many):0-1", 5, "5.15"),
                Arguments.of(
                        MemoryPolicy.preferredMany(TWO).relativeNodes(), "prefer (many)=relative:0-1", 0x4005, "5.15"),
                Arguments.of(
                        MemoryPolicy.preferredMany(TWO).numaBalancing(), "prefer (many)=balancing:0-1", 0x2005, "6.10"),
                Arguments.of(MemoryPolicy.bind(TWO), "bind:0-1", 2, "2.6.7"),
                Arguments.of(MemoryPolicy.bind(TWO).staticNodes(), "bind=static:0-1", 0x8002, "2.6.26"),
                Arguments.of(MemoryPolicy.bind(TWO).numaBalancing(), "bind=balancing:0-1", 0x2002, "5.15"),
                Arguments.of(
                        MemoryPolicy.bind(TWO).numaBalancing().staticNodes(),
                        "bind=static|balancing:0-1",
                        0xa002,
                        "5.15"),
                Arguments.of(
                        MemoryPolicy.bind(TWO).relativeNodes().numaBalancing(),
                        "bind=relative|balancing:0-1",
                        0x6002,
                        "5.15"),
                Arguments.of(MemoryPolicy.interleave(NodeSet.parse("0-3,8")), "interleave:0-3,8", 3, "2.6.7"),
                Arguments.of(MemoryPolicy.interleave(TWO).relativeNodes(), "interleave=relative:0-1", 0x4003, "2.6.26"),
                Arguments.of(MemoryPolicy.weightedInterleave(TWO), "weighted interleave:0-1", 6, "6.9"),
                Arguments.of(
                        MemoryPolicy.weightedInterleave(TWO).staticNodes(),
                        "weighted interleave=static:0-1",
                        0x8006,
                        "6.9"));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void isPrintedReadAndPassedAsTheKernelDoes(MemoryPolicy policy, String text, int mode, String firstKernel) {
        assertThat(policy).hasToString(text);
        assertThat(MemoryPolicy.parse(text)).isEqualTo(policy);
        assertThat(policy.mode()).isEqualTo(mode);
        assertThat(policy.firstKernel()).isEqualTo(firstKernel);
    }

    @Test
    void namesItsNodes() {
        assertThat(MemoryPolicy.systemDefault().nodes()).isEqualTo(NodeSet.empty());
        assertThat(MemoryPolicy.local().nodes()).isEqualTo(NodeSet.empty());
        assertThat(MemoryPolicy.preferred(7).nodes()).isEqualTo(NodeSet.of(7));
        assertThat(MemoryPolicy.bind(TWO).nodes()).isEqualTo(TWO);
    }

    @Test
    void aHomeNodeTakesASecondCallAndSoIsInNeitherModeNorText() {
        var bind = MemoryPolicy.bind(TWO).homeNode(5);
        assertThat(bind.homeNode()).hasValue(5);
        assertThat(bind.mode()).isEqualTo(2);
        assertThat(bind).hasToString("bind:0-1").isNotEqualTo(MemoryPolicy.bind(TWO));
        assertThat(bind.firstKernel()).isEqualTo("5.17");
        assertThat(bind.numaBalancing().firstKernel()).isEqualTo("5.17");
        var many = MemoryPolicy.preferredMany(TWO).homeNode(0);
        assertThat(many.firstKernel()).isEqualTo("5.17");
        assertThat(many.numaBalancing().firstKernel()).isEqualTo("6.10");
        assertThat(MemoryPolicy.bind(TWO).homeNode()).isEmpty();
    }

    @Test
    void flagsKeepTheOthersAndTheLastWayToCountNodesWins() {
        var all = MemoryPolicy.bind(TWO).homeNode(1).numaBalancing().staticNodes();
        assertThat(all.balancing()).isTrue();
        assertThat(all.homeNode()).hasValue(1);
        assertThat(all.nodeNumbers()).isEqualTo(NodeNumbers.STATIC);
        assertThat(all.relativeNodes().nodeNumbers()).isEqualTo(NodeNumbers.RELATIVE);
        assertThat(all.relativeNodes().homeNode()).hasValue(1);
        var many = MemoryPolicy.preferredMany(TWO).homeNode(1).numaBalancing().relativeNodes();
        assertThat(many).hasToString("prefer (many)=relative|balancing:0-1");
        assertThat(many.staticNodes().homeNode()).hasValue(1);
    }

    static Stream<Function<NodeSet, MemoryPolicy>> modesWithNodes() {
        return Stream.of(
                MemoryPolicy::preferredMany,
                MemoryPolicy::bind,
                MemoryPolicy::interleave,
                MemoryPolicy::weightedInterleave);
    }

    @ParameterizedTest
    @MethodSource("modesWithNodes")
    void withoutNodesThereIsNoPolicy(Function<NodeSet, MemoryPolicy> factory) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> factory.apply(NodeSet.empty()))
                .withMessageMatching("A policy to .* names at least one node, and this one names none: leave it .*");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1024})
    void nodesAreInRange(int node) {
        assertThatIllegalArgumentException().isThrownBy(() -> MemoryPolicy.preferred(node));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryPolicy.bind(TWO).homeNode(node));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryPolicy.preferredMany(TWO).homeNode(node))
                .withMessage("NUMA nodes have numbers from 0 to 1023, and " + node + " is none");
    }

    /** Before Linux 5.14, a local policy is a preference for no node. */
    @ParameterizedTest
    @ValueSource(strings = {"prefer", "prefer:", "local", " local\n"})
    void readsAllFormsOfLocal(String text) {
        assertThat(MemoryPolicy.parse(text)).isEqualTo(MemoryPolicy.local());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unknown",
                "bind=loud:0",
                "bind=:0",
                "bind=static|relative:0",
                "bind=balancing|static:0",
                "bind=static|static:0",
                "interleave=balancing:0",
                "weighted interleave=static|balancing:0",
                "prefer=balancing:0",
                "prefer:0-1",
                "prefer=static",
                "default:0",
                "default=static",
                "local:0",
                "local=relative",
                "default=balancing",
                "bind:0:1",
                "BIND:0",
                "bind:0 anon=1"
            })
    void refusesWhatIsNoPolicyAndNamesIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryPolicy.parse(text))
                .withMessageContaining(text.equals("bind:0 anon=1") ? "0 anon=1" : "'" + text + "' is no memory policy")
                .withMessageMatching("(?s).*(is written as in /proc/PID/numa_maps|as in 0-3,8).*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bind", "bind:", "prefer (many)", "interleave=static:", "weighted interleave"})
    void refusesModesWithoutTheNodesTheyNeed(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MemoryPolicy.parse(text))
                .withMessageContaining("at least one node");
    }
}
