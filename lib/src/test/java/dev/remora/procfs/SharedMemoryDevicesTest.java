package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SharedMemoryDevicesTest {

    @Test
    void eachTmpfsIsOne() {
        assertThat(SharedMemoryDevices.parse("""
            21 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
            25 21 0:23 / /run rw,nosuid shared:5 master:2 - tmpfs tmpfs rw,size=10%
            26 21 0:24 / /tmp\\040-\\040tmpfs rw - overlay tmpfs rw
            27 25 300:1048575 /part /run/part rw - tmpfs none rw
            """).devices()).containsExactlyInAnyOrder(23L, 300L << 32 | 1_048_575);
    }

    @Test
    void withoutMountsThereIsNone() {
        assertThat(SharedMemoryDevices.parse("").devices()).isEmpty();
    }
}
