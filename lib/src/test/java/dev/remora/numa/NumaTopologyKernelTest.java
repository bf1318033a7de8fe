package dev.remora.numa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.preconditions.Skip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
final class NumaTopologyKernelTest {

    private static final Path NODES = Path.of("/sys/devices/system/node");
    private static final Path TIERS = Path.of("/sys/devices/virtual/memory_tiering");

    private static String text(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    private static void skipWithoutNuma() {
        Skip.unless(Files.isDirectory(NODES), "this kernel was built without NUMA");
    }

    @Test
    void nodesAreThoseOfTheKernel() throws IOException {
        skipWithoutNuma();
        var topology = NumaTopology.ofThisHost();
        assertThat(topology.onlineNodes()).hasToString(text(NODES.resolve("online")));
        assertThat(topology.nodesWithMemory()).hasToString(text(NODES.resolve("has_memory")));
        assertThat(topology.nodesWithCpus()).hasToString(text(NODES.resolve("has_cpu")));
    }

    @Test
    void eachNodeIsAsTheKernelSays() throws IOException {
        skipWithoutNuma();
        var topology = NumaTopology.ofThisHost();
        for (NumaNode node : topology.nodes()) {
            Path directory = NODES.resolve("node" + node.number());
            assertThat(node.cpuList()).isEqualTo(text(directory.resolve("cpulist")));
            assertThat(Files.readString(directory.resolve("meminfo")))
                    .containsPattern("MemTotal: +" + node.memoryBytes() / 1024 + " kB");
            assertThat(node.freeBytes()).isBetween(node.hasMemory() ? 1L : 0L, node.memoryBytes());
            assertThat(node.distances().values().stream().map(String::valueOf).collect(Collectors.joining(" ")))
                    .isEqualTo(text(directory.resolve("distance")));
            assertThat(topology.distance(node.number(), node.number())).isEqualTo(10);
        }
    }

    @Test
    void allowedNodesAreThoseOfThisProcess() throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
        var topology = NumaTopology.ofThisHost();
        String allowed = status.stream()
                .filter(line -> line.startsWith("Mems_allowed_list:"))
                .map(line -> line.replaceFirst(".*:\\s*", ""))
                .findFirst()
                .orElse(topology.nodesWithMemory().toString());
        assertThat(topology.allowedNodes()).hasToString(allowed);
    }

    @Test
    void tiersAreThoseOfTheKernel() throws IOException {
        Skip.unless(Files.isDirectory(TIERS), "this kernel is older than Linux 6.1 and has no memory tiers");
        var tiers = NumaTopology.ofThisHost().memoryTiers();
        for (MemoryTier tier : tiers) {
            assertThat(tier.nodes()).hasToString(text(TIERS.resolve("memory_tier" + tier.number() + "/nodelist")));
        }
        try (Stream<Path> directories = Files.list(TIERS)) {
            assertThat(directories.filter(path -> path.getFileName().toString().startsWith("memory_tier")))
                    .hasSameSizeAs(tiers);
        }
    }

    /** numa_maps is where the texts of policies come from. */
    @Test
    void readsEveryPolicyOfThisProcess() throws IOException {
        Path maps = Path.of("/proc/self/numa_maps");
        Skip.unless(Files.exists(maps), "this kernel was built without NUMA");
        List<String> lines = Files.readAllLines(maps);
        assertThat(lines).isNotEmpty();
        for (String line : lines) {
            String text = line.replaceFirst("^[0-9a-f]+ ", "")
                    .replaceFirst(
                            " (file=|heap|stack|huge|anon=|dirty=|mapped=|active=|N[0-9]+=|kernelpagesize).*", "");
            assertThat(MemoryPolicy.parse(text)).hasToString(text);
        }
    }
}
