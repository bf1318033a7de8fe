package dev.remora.process;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Makes random threads of a process call mbind, without end: to be killed in the middle of it. */
public final class EndlessInjection {

    private static final int CALLS = 50;

    private EndlessInjection() {}

    public static void main(String[] arguments) throws IOException {
        int pid = Integer.parseInt(arguments[0]);
        long address = Long.parseLong(arguments[1]);
        var random = new Random(Long.parseLong(arguments[2]));
        Kernel kernel = LinuxKernel.instance();
        try (PinnedProcess process = PinnedProcess.open(kernel, pid)) {
            for (int session = 0; ; session++) {
                List<Integer> threads = threads(pid);
                int chosen = threads.get(random.nextInt(threads.size()));
                var _ = TracerThread.call(() -> inject(kernel, process, address, chosen));
                if (session == 0) {
                    System.out.println("injecting");
                }
            }
        }
    }

    private static List<Integer> threads(int pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return threads.map(path -> Integer.valueOf(path.getFileName().toString()))
                    .toList();
        }
    }

    private static int inject(Kernel kernel, PinnedProcess process, long address, int thread) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = MemoryPolicies.mask(new long[] {1}, arena);
            var manner = new Injection.Manner(false, false);
            try (var injection = new Injection(kernel, process, manner, mask, number -> number == thread)) {
                for (int i = 0; i < CALLS; i++) {
                    var _ = injection.call(Syscall.MBIND, nodes ->
                            new long[] {address, 4096, Linux.MPOL_BIND(), nodes, MemoryPolicies.MASK_BITS, 0});
                }
            } catch (NotInjectedException another) {
                return 0;
            }
            return CALLS;
        }
    }
}
