package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.PageSize;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
final class MappingFlagsKernelTest {

    private static final Path SMAPS = Path.of("/proc/self/smaps");

    @Test
    void agreesWithWhatTheKernelSaysOfThisProcess() throws IOException {
        String text = Files.readString(SMAPS);
        var parsed = MappingFlags.parse(MapsText.stream(text));
        long address = 0;
        int compared = 0;
        for (String line : text.lines().toList()) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                address = Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16);
                assertThat(parsed.mapped(address)).as(line).isTrue();
            } else if (line.startsWith("VmFlags:")) {
                List<String> flags = List.of(line.substring(8).strip().split(" ", -1));
                assertThat(parsed.locked(address)).isEqualTo(flags.contains("lo"));
                assertThat(parsed.hugetlb(address)).isEqualTo(flags.contains("ht"));
                assertThat(parsed.pageFrames(address)).isEqualTo(flags.contains("pf"));
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(20);
    }

    @Test
    void seesThatMemoryIsLocked() throws IOException {
        var kernel = LinuxKernel.instance();
        long byteSize = 4 * PageSize.of(LinuxKernel.instance());
        int protection = Linux.PROT_READ() | Linux.PROT_WRITE();
        int flags = Linux.MAP_PRIVATE() | Linux.MAP_ANONYMOUS();
        long address = ErrnoException.check(
                kernel.call(Syscall.MMAP, 0, byteSize, protection, flags, -1, 0), "mmap", "four pages");
        try {
            assertThat(flags().locked(address)).isFalse();
            ErrnoException.check(kernel.call(Syscall.MLOCK, address, byteSize), "mlock", "four pages");
            assertThat(flags().locked(address)).isTrue();
            assertThat(flags().locked(address + byteSize - 1)).isTrue();
        } finally {
            ErrnoException.check(kernel.call(Syscall.MUNMAP, address, byteSize), "munmap", "four pages");
        }
    }

    private static MappingFlags flags() throws IOException {
        try (var smaps = Files.newInputStream(SMAPS)) {
            return MappingFlags.parse(smaps);
        }
    }
}
