package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.procfs.CgroupMounts;
import org.junit.jupiter.api.Test;

/** Which lines of the kernel's files are about which freezer. */
final class CgroupFreezerTest {

    private static final CgroupMounts BOTH = CgroupMounts.parse("""
        cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
        cgroup /sys/fs/cgroup/freezer cgroup rw,relatime,freezer 0 0
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
        """);

    @Test
    void eachVersionIsMountedSomewhereElse() {
        assertThat(CgroupFreezer.FIRST.mount(BOTH)).contains("/sys/fs/cgroup/freezer");
        assertThat(CgroupFreezer.SECOND.mount(BOTH)).contains("/sys/fs/cgroup/unified");
    }

    @Test
    void whatIsNotMountedCannotBeUsed() {
        CgroupMounts none = CgroupMounts.parse("tmpfs /tmp tmpfs rw 0 0\n");
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
