package dev.remora.bench;

import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What does a system call cost that does next to nothing? */
public class CallBenchmark {

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
    public long remora(Remora state) {
        return state.kernel.call(Syscall.GETPPID);
    }

    @Benchmark
    public long jna(Jna state) {
        return state.peer.call(Syscall.GETPPID.number());
    }

    @Benchmark
    public long jnr(Jnr state) {
        return state.peer.call(Syscall.GETPPID.number());
    }
}
