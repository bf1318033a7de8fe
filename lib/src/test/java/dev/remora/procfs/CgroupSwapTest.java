package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.numa.ScriptedHost;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CgroupSwapTest {

    private static final String GROUPS = "/sys/fs/cgroup/unified";

    private final ScriptedHost host = new ScriptedHost()
            .with(
                    "/proc/self/mountinfo",
                    "30 23 0:25 / /sys/fs/cgroup/cpu rw - cgroup none rw,cpu\n31 23 0:26 / " + GROUPS
                            + " rw - cgroup2 none rw\n")
            .with("/proc/4711/cgroup", "3:memory:/other\n0::/slice/service/part\n");

    private long room() {
        try (var process = ProcDirectory.open(host, 4711)) {
            return CgroupSwap.roomBytes(host, process);
        }
    }

    private void limit(String group, String most, String used) {
        host.with(GROUPS + group + "/memory.swap.max", most + "\n");
        host.with(GROUPS + group + "/memory.swap.current", used + "\n");
    }

    @AfterEach
    void allIsClosed() {
        assertThat(host.openFiles()).isZero();
    }

    @Test
    void withoutLimitsThereIsAllRoom() {
        assertThat(room()).isEqualTo(Long.MAX_VALUE);
        limit("/slice", "max", "100");
        assertThat(room()).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({"1000, max, max, 900", "1000, 500, max, 400", "max, 1000, 300, 200", "50, max, max, 0", "0, 0, 0, 0"})
    void theTightestLimitCounts(String slice, String service, String part, long room) {
        limit("/slice", slice, "100");
        limit("/slice/service", service, "100");
        limit("/slice/service/part", part, "100");
        assertThat(room()).isEqualTo(room);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0::/../other\n", "3:memory:/slice\n", "", "0::/other\n"})
    void whatIsOutOfSightHasNoLimit(String groups) {
        limit("/slice", "0", "0");
        host.with("/proc/4711/cgroup", groups);
        assertThat(room()).isEqualTo(Long.MAX_VALUE);
    }

    /** The root of a namespace of its own is that of a container, with its limits. */
    @ParameterizedTest
    @ValueSource(strings = {"0::/\n", "0::/sub\n"})
    void theRootOfANamespaceHasLimits(String groups) {
        host.with("/proc/4711/cgroup", groups);
        assertThat(room()).isEqualTo(Long.MAX_VALUE);
        limit("", "300", "100");
        assertThat(room()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"/slice/service, 200", "/slice, 50", "/other, 9223372036854775807", "/../.., 9223372036854775807"})
    void aPartThatIsMountedCounts(String root, long room) {
        host.with("/proc/self/mountinfo", "31 23 0:26 " + root + " " + GROUPS + " rw master:1 - cgroup2 none rw\n");
        limit("/service", "150", "100");
        limit("", "300", "100");
        assertThat(room()).isEqualTo(room);
    }

    @Test
    void withoutKnowingWhatIsUsedThereIsNoLimit() {
        host.with(GROUPS + "/slice/memory.swap.max", "0\n");
        assertThat(room()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatCannotBeReadHasNoLimit() {
        limit("/slice", "0", "0");
        host.fail("/proc/4711/cgroup", Linux.EACCES());
        assertThat(room()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void withoutCgroupsThereIsNoLimit() {
        limit("/slice", "0", "0");
        host.with("/proc/self/mountinfo", "25 23 0:21 / /proc rw - proc proc rw\n");
        assertThat(room()).isEqualTo(Long.MAX_VALUE);
    }
}
