package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.procfs.CgroupMounts.Mount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CgroupMountsTest {

    @Test
    void bothVersionsAreFound() {
        CgroupMounts mounts = CgroupMounts.parse("""
            23 1 254:1 / / rw - ext4 /dev/vda rw
            30 23 0:25 / /sys/fs/cgroup/cpu rw - cgroup none rw,cpu
            31 23 0:26 / /sys/fs/cgroup/freezer rw,nosuid shared:9 - cgroup none rw,freezer
            32 23 0:27 /part /mnt/part ro - cgroup2 none rw
            33 23 0:27 / /sys/fs/c\\040group rw master:3 propagate_from:2 - cgroup2 none rw,nsdelegate
            """);
        assertThat(mounts.freezer()).contains(new Mount("/sys/fs/cgroup/freezer", "/", true));
        assertThat(mounts.second()).contains(new Mount("/sys/fs/c group", "/", true));
    }

    @Test
    void aPartIsBetterThanNothing() {
        assertThat(CgroupMounts.parse("32 23 0:27 /part /mnt/part ro - cgroup2 none rw\n")
                        .second())
                .contains(new Mount("/mnt/part", "/part", false));
        assertThat(CgroupMounts.parse("")).isEqualTo(CgroupMounts.parse("25 23 0:21 / /proc rw - proc proc rw\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "/, /a/b, /place/a/b",
        "/, /, /place",
        "/a, /a/b, /place/b",
        "/a, /a, /place",
        "/a, /ab, none",
        "/a, /, none",
        "/, /../a, none",
        "/.., /a, none"
    })
    void groupsHaveDirectories(String root, String group, String directory) {
        assertThat(new Mount("/place", root, true).directoryOf(group).orElse("none"))
                .isEqualTo(directory);
    }
}
