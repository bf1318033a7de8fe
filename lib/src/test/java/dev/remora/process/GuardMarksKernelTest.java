package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.preconditions.KernelVersion;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.Skip;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A stack as glibc 2.42 makes them, with a guard that is no mapping. */
@Tag("kernel")
@RequiresRightToAdvise
final class GuardMarksKernelTest {

    private final Kernel kernel = LinuxKernel.instance();

    @Test
    void aThreadWhoseStackHasAMarkForAGuardCanMakeCalls() throws IOException {
        Skip.unless(KernelVersion.isAtLeast(6, 15), "the kernel does not show guard marks before 6.15");
        try (Specimen fenced = Specimen.start("fenced");
                Arena arena = Arena.ofShared()) {
            int pid = Math.toIntExact(fenced.numbers().getFirst());
            int thread = Math.toIntExact(fenced.numbers().getLast());
            assertThat(thread).isNotZero().isNotEqualTo(pid);
            long result = TracerThread.call(() -> {
                try (PinnedProcess process = PinnedProcess.open(kernel, pid);
                        var injection = new Injection(
                                kernel,
                                process,
                                new Injection.Manner(false, false),
                                arena.allocate(Long.BYTES),
                                number -> number == thread)) {
                    return injection.call(Syscall.GETPID, _ -> new long[6]);
                }
            });
            assertThat(result).isEqualTo(pid);
        }
    }
}
