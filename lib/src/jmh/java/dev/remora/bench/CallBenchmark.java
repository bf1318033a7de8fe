package dev.remora.bench;

import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What does a system call cost that does next to nothing? */
public class CallBenchmark {

    /** At once, because a single one is too short to be timed. */
    private static final int CALLS = 100;

    @State(Scope.Thread)
    public static class Remora {
        private final Kernel kernel = LinuxKernel.instance();
    }

    @State(Scope.Thread)
    public static class Jna {
        private final Peer peer = new JnaPeer();
    }

    @State(Scope.Thread)
    public static class Jnr {
        private final Peer peer = new JnrPeer();
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public long remora(Remora state) {
        long sum = 0;
        for (int i = 0; i < CALLS; i++) {
            sum += state.kernel.call(Syscall.GETPPID);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public long jna(Jna state) {
        long sum = 0;
        for (int i = 0; i < CALLS; i++) {
            sum += state.peer.call(Syscall.GETPPID.number());
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public long jnr(Jnr state) {
        long sum = 0;
        for (int i = 0; i < CALLS; i++) {
            sum += state.peer.call(Syscall.GETPPID.number());
        }
        return sum;
    }
}
