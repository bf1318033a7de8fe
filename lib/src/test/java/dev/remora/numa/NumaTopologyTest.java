package dev.remora.numa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.remora.bindings.Linux;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NumaTopologyTest {

    private static final String NODES = "/sys/devices/system/node";
    private static final String TIERS = "/sys/devices/virtual/memory_tiering";
    private static final long MIB = 1 << 20;

    private static ScriptedHost host(String online, String allowed) {
        return new ScriptedHost()
                .with(NODES + "/online", online + "\n")
                .with("/sys/devices/system/cpu/online", "0-1\n")
                .with(
                        "/proc/self/status",
                        "Name:\tjava\nMems_allowed:\t00000001\nMems_allowed_list:\t" + allowed + "\nThreads:\t1\n");
    }

    private static ScriptedHost node(ScriptedHost host, int number, long mebibytes, String cpus, String distances) {
        String path = NODES + "/node" + number;
        String line = "Node " + number + " %s:       %d kB\n";
        String meminfo = String.format(line, "MemTotal", mebibytes * 1024)
                + String.format(line, "MemFree", mebibytes * 512)
                + String.format(line, "MemUsed", mebibytes * 512);
        return host.with(path + "/meminfo", meminfo)
                .with(path + "/cpulist", cpus + "\n")
                .with(path + "/distance", distances + "\n");
    }

    private static ScriptedHost twoNodes() {
        ScriptedHost host = host("0-1", "0-1");
        node(host, 0, 1024, "0-3,8-11", "10 21");
        return node(host, 1, 2048, "4-7,12-15", "21 10");
    }

    private static NumaTopology read(ScriptedHost host) {
        NumaTopology topology = NumaTopology.of(host);
        assertThat(host.openFiles()).as("files left open").isZero();
        return topology;
    }

    @Test
    void oneNode() {
        NumaTopology topology = read(node(host("0", "0"), 0, 100, "0-1", "10"));
        assertThat(topology.nodes()).containsExactly(new NumaNode(0, 100 * MIB, 50 * MIB, "0-1", Map.of(0, 10)));
        assertThat(topology.onlineNodes()).hasToString("0");
        assertThat(topology.allowedNodes()).hasToString("0");
        assertThat(topology.memoryTiers()).isEmpty();
        assertThat(topology.distance(0, 0)).isEqualTo(10);
    }

    @Test
    void twoNodesWithMemoryAndCpus() {
        NumaTopology topology = read(twoNodes());
        assertThat(topology.onlineNodes()).hasToString("0-1");
        assertThat(topology.nodesWithMemory()).hasToString("0-1");
        assertThat(topology.nodesWithCpus()).hasToString("0-1");
        assertThat(topology.distance(0, 1)).isEqualTo(21);
        assertThat(topology.distance(1, 1)).isEqualTo(10);
        assertThat(topology.node(1).orElseThrow().cpus()).containsExactly(4, 5, 6, 7, 12, 13, 14, 15);
        assertThat(topology.node(2)).isEmpty();
        assertThat(topology)
                .hasToString("2 NUMA nodes, allowed: 0-1\n  node 0 1024 MiB  512 MiB free CPUs 0-3,8-11\n"
                        + "  node 1 2048 MiB 1024 MiB free CPUs 4-7,12-15")
                .isEqualTo(read(twoNodes()))
                .hasSameHashCodeAs(read(twoNodes()))
                .isNotEqualTo(read(twoNodes().with("/proc/self/status", "Mems_allowed_list:\t1\n")));
    }

    @Test
    void aFarNodeWithoutCpusIsInASlowerTier() {
        ScriptedHost host = host("0-1", "0");
        node(host, 0, 1024, "0-3", "10 17");
        node(host, 1, 4096, "", "28 10");
        host.with(TIERS + "/memory_tier22/nodelist", "1\n").with(TIERS + "/memory_tier4/nodelist", "0\n");
        host.with(TIERS + "/power/control", "auto\n").with(TIERS + "/uevent", "");
        NumaTopology topology = read(host);
        assertThat(topology.nodesWithCpus()).hasToString("0");
        assertThat(topology.nodesWithMemory()).hasToString("0-1");
        assertThat(topology.allowedNodes()).hasToString("0");
        assertThat(topology.distance(0, 1)).as("there").isEqualTo(17);
        assertThat(topology.distance(1, 0)).as("and back").isEqualTo(28);
        assertThat(topology.memoryTiers())
                .containsExactly(new MemoryTier(4, NodeSet.of(0)), new MemoryTier(22, NodeSet.of(1)));
        assertThat(topology.toString()).contains("no CPUs");
    }

    /** The distances are those of the nodes that are online, in their order. */
    @Test
    void holesInTheNumbersAreNoNodes() {
        ScriptedHost host = host("0,2,8", "0,2,8");
        node(host, 0, 1024, "0-3", "10 12 38");
        node(host, 2, 0, "4-7", "12 10 32");
        node(host, 8, 512, "", "38 32 10");
        NumaTopology topology = read(host);
        assertThat(topology.onlineNodes()).hasToString("0,2,8");
        assertThat(topology.nodesWithMemory()).hasToString("0,8");
        assertThat(topology.nodesWithCpus()).hasToString("0,2");
        assertThat(topology.distance(2, 8)).isEqualTo(32);
        assertThat(topology.node(8).orElseThrow().distances())
                .containsExactly(Map.entry(0, 38), Map.entry(2, 32), Map.entry(8, 10));
        String message = "Node 1 was not online when the nodes were read; those online were 0,2,8";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topology.distance(0, 1))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> topology.distance(1, 0))
                .withMessage(message);
    }

    @Test
    void withoutNumaNodeZeroHasEverything() {
        ScriptedHost host = host("", "0").without(NODES);
        host.with("/proc/meminfo", "MemTotal:        2048 kB\nMemFree:         1024 kB\nMemAvailable: 1500 kB\n");
        NumaTopology topology = read(host);
        assertThat(topology.nodes()).containsExactly(new NumaNode(0, 2 * MIB, MIB, "0-1", Map.of(0, 10)));
        assertThat(topology.allowedNodes()).hasToString("0");
    }

    @Test
    void withoutCpusetsAllNodesWithMemoryAreAllowed() {
        ScriptedHost host = host("0-1", "").with("/proc/self/status", "Name:\tjava\n");
        node(host, 0, 0, "0-1", "10 20");
        node(host, 1, 16, "", "20 10");
        assertThat(read(host).allowedNodes()).hasToString("1");
    }

    @Test
    void nodesThatGoWhileTheyAreReadMakeItBeginAgain() {
        ScriptedHost host = twoNodes();
        host.before(NODES + "/node1", () -> {
            host.without(NODES + "/node1").with(NODES + "/online", "0\n");
            node(host, 0, 1024, "0-3", "10");
        });
        assertThat(read(host).onlineNodes()).hasToString("0");
    }

    @Test
    void nodesThatComeWhileTheyAreReadMakeItBeginAgain() {
        ScriptedHost host = node(host("0", "0"), 0, 1024, "0-3", "10");
        host.before("/proc/self", () -> {
            host.with(NODES + "/online", "0-1\n");
            node(host, 0, 1024, "0-3", "10 20");
            node(host, 1, 1024, "4-7", "20 10");
        });
        assertThat(read(host).onlineNodes()).hasToString("0-1");
    }

    @Test
    void distancesThatNeverFitAreNotGuessed() {
        ScriptedHost host = node(host("0", "0"), 0, 1024, "0-3", "10 20");
        assertThatIllegalStateException()
                .isThrownBy(() -> NumaTopology.of(host))
                .withMessageContaining("did not stay the same");
        assertThat(host.openFiles()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                NODES,
                NODES + "/online",
                NODES + "/node0",
                NODES + "/node0/meminfo",
                TIERS,
                TIERS + "/memory_tier4/nodelist",
                "/proc/self",
                "/proc/self/status"
            })
    void whatCannotBeReadIsNamed(String path) {
        ScriptedHost host = twoNodes().with(TIERS + "/memory_tier4/nodelist", "0-1\n");
        host.fail(path, Linux.EACCES());
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> NumaTopology.of(host))
                .withMessageContaining("openat(" + path + "): EACCES, permission denied")
                .withMessageContaining("let this process read them");
        assertThat(host.openFiles()).isZero();
    }

    @Test
    void withoutSysItDoesNotTakeTheHostForOneWithoutNuma() {
        ScriptedHost host = new ScriptedHost()
                .with("/proc/meminfo", "MemTotal: 1 kB\n")
                .with("/proc/self/status", "Mems_allowed_list:\t0\n");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> NumaTopology.of(host))
                .withMessageContaining("/sys/devices/system/cpu")
                .withMessageContaining("mount both");
    }

    @Test
    void aTierThatGoesWithItsLastNodeIsLeftOut() {
        ScriptedHost host = twoNodes().with(TIERS + "/memory_tier4/nodelist", "0-1\n");
        host.with(TIERS + "/memory_tier22/nodelist", "2\n");
        host.fail(TIERS + "/memory_tier22/nodelist", Linux.ENODEV());
        assertThat(read(host).memoryTiers()).containsExactly(new MemoryTier(4, NodeSet.of(0, 1)));
    }

    @Test
    void whatTheKernelDoesNotPrintIsNotGuessed() {
        ScriptedHost meminfo = twoNodes().with(NODES + "/node1/meminfo", "Node 1 MemTotal: many kB\n");
        assertThatIllegalStateException()
                .isThrownBy(() -> NumaTopology.of(meminfo))
                .withMessageContaining("meminfo of a NUMA node is not as Remora expects it: Node 1 MemTotal: many kB");
        ScriptedHost distance = twoNodes().with(NODES + "/node1/distance", "near\n");
        assertThatIllegalStateException()
                .isThrownBy(() -> NumaTopology.of(distance))
                .withMessageContaining("distance of a NUMA node is not as Remora expects it: near");
    }

    @Test
    void aNodeIsCheckedAndDoesNotChange() {
        assertThatIllegalArgumentException().isThrownBy(() -> new NumaNode(1024, 0, 0, "", Map.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new NumaNode(0, -1, 0, "", Map.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new NumaNode(0, 0, 0, "all", Map.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> new NumaNode(0, 0, 0, "", Map.of(-1, 10)));
        var node = new NumaNode(0, 0, 0, "1,0", Map.of(0, 10));
        assertThat(node.cpuList()).isEqualTo("0-1");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> node.distances().put(1, 20));
    }
}
