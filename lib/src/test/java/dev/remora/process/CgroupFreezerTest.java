package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.procfs.CgroupMounts;
import org.junit.jupiter.api.Test;

/** Which lines of the kernel's files are about which freezer. */
final class CgroupFreezerTest {

    private static final CgroupMounts BOTH = CgroupMounts.parse("""
        30 23 0:25 / /sys/fs/cgroup/cpu rw - cgroup none rw,cpu
        31 23 0:26 / /sys/fs/cgroup/freezer rw,relatime - cgroup none rw,freezer
        32 23 0:27 / /sys/fs/cgroup/unified rw - cgroup2 none rw
        """);

    @Test
    void eachVersionIsMountedSomewhereElse() {
        assertThat(CgroupFreezer.FIRST.mount(BOTH).orElseThrow().place()).isEqualTo("/sys/fs/cgroup/freezer");
        assertThat(CgroupFreezer.SECOND.mount(BOTH).orElseThrow().place()).isEqualTo("/sys/fs/cgroup/unified");
    }

    @Test
    void whatIsNotMountedCannotBeUsed() {
        CgroupMounts none = CgroupMounts.parse("24 23 0:22 / /tmp rw - tmpfs tmpfs rw\n");
        assertThat(CgroupFreezer.FIRST.mount(none)).isEmpty();
        assertThat(CgroupFreezer.SECOND.mount(none)).isEmpty();
    }

    @Test
    void aProcessIsInOneGroupOfEachHierarchy() {
        assertThat(CgroupFreezer.FIRST.names("freezer")).isTrue();
        assertThat(CgroupFreezer.FIRST.names("cpu,freezer,memory")).isTrue();
        assertThat(CgroupFreezer.FIRST.names("")).isFalse();
        assertThat(CgroupFreezer.FIRST.names("name=freezers")).isFalse();
        assertThat(CgroupFreezer.SECOND.names("")).isTrue();
        assertThat(CgroupFreezer.SECOND.names("freezer")).isFalse();
    }

    @Test
    void onlyTheFirstCanHaveThreadsOfOneProcessAnywhere() {
        assertThat(CgroupFreezer.FIRST.takesThreadsApart()).isTrue();
        assertThat(CgroupFreezer.SECOND.takesThreadsApart()).isFalse();
    }
}
