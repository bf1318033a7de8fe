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

/** Makes random threads of a process call mbind, and is killed at one of the steps that this takes. */
public final class KilledInjection {

    private static final int CALLS = 2;
    private static final int SESSIONS = 100;

    private KilledInjection() {}

    /** Kills this process before the call that is to be the last. */
    private static final class Killing implements Kernel {

        private final Kernel real = LinuxKernel.instance();
        private long stepsLeft;

        Killing(long stepsLeft) {
            this.stepsLeft = stepsLeft;
        }

        @Override
        public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
            boolean step = number == Syscall.PTRACE.number() || number == Syscall.PROCESS_VM_WRITEV.number();
            if (step && stepsLeft-- == 0) {
                long self =
                        real.call(Syscall.PIDFD_OPEN, ProcessHandle.current().pid(), 0);
                real.call(Syscall.PIDFD_SEND_SIGNAL, self, Linux.SIGKILL(), 0, 0);
            }
            return real.call(number, a0, a1, a2, a3, a4, a5);
        }
    }

    public static void main(String[] arguments) throws IOException {
        int pid = Integer.parseInt(arguments[0]);
        long address = Long.parseLong(arguments[1]);
        var random = new Random(Long.parseLong(arguments[2]));
        Kernel kernel = new Killing(Long.parseLong(arguments[2]));
        try (PinnedProcess process = PinnedProcess.open(kernel, pid)) {
            for (int session = 0; session < SESSIONS; session++) {
                List<Integer> threads = threads(pid);
                int chosen = threads.get(random.nextInt(threads.size()));
                var _ = TracerThread.call(() -> inject(kernel, process, address, chosen));
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
