package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.bindings.iovec;
import dev.remora.syscall.IoVectors;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/** A {@link SimulatedKernel} that also copies between its process and this one, page by page as Linux does. */
final class SimulatedCopies implements Kernel {

    /** One call: how many bytes were asked for, in how many ranges. */
    record Call(long byteSize, int ranges) {}

    private static final long PAGE = SimulatedKernel.PAGE;

    final SimulatedKernel kernel = new SimulatedKernel();

    /** Pages that are mapped and yet cannot be reached. */
    final Set<Long> unreachable = new HashSet<>();

    /** What was written to the process, by address. */
    final Map<Long, Byte> written = new HashMap<>();

    final List<Call> calls = new ArrayList<>();

    /** Cuts what a call copies, as if the kernel had stopped early; or answers with −errno. */
    LongUnaryOperator result = LongUnaryOperator.identity();

    /** Runs in each call that copies. */
    Runnable meanwhile = () -> {};

    /** Whether bytes are really copied. */
    boolean real = true;

    /** The byte that the process has at an address. */
    static byte at(long address) {
        return (byte) ((address ^ address >> 8 ^ address >> 16) | 1);
    }

    @Override
    public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        if (number == Syscall.PROCESS_VM_READV.number()) {
            return copy(a0, a1, a3, a4, false);
        }
        if (number == Syscall.PROCESS_VM_WRITEV.number()) {
            return copy(a0, a1, a3, a4, true);
        }
        if (number == Syscall.PTRACE.number() || number == Syscall.WAIT4.number()) {
            return 0;
        }
        return kernel.call(number, a0, a1, a2, a3, a4, a5);
    }

    private static MemorySegment memory(long address, long byteSize) {
        return MemorySegment.ofAddress(address).reinterpret(byteSize);
    }

    private synchronized long copy(long pid, long here, long there, long ranges, boolean writing) {
        if (pid != SimulatedKernel.PID || kernel.exited) {
            return -Linux.ESRCH();
        }
        MemorySegment local = memory(here, iovec.sizeof());
        MemorySegment remote = memory(there, iovec.sizeof() * ranges);
        long localBytes = Math.min(local.get(ValueLayout.JAVA_LONG, 8), IoVectors.maxBytes(PAGE));
        calls.add(new Call(local.get(ValueLayout.JAVA_LONG, 8), (int) ranges));
        long reachable = Math.min(localBytes, reachable(remote, ranges));
        long done = reachable == 0 ? -Linux.EFAULT() : result.applyAsLong(reachable);
        if (real && done > 0) {
            transfer(memory(local.get(ValueLayout.JAVA_LONG, 0), done), remote, writing);
        }
        meanwhile.run();
        return done;
    }

    private long reachable(MemorySegment remote, long ranges) {
        long total = 0;
        for (long i = 0; i < ranges; i++) {
            long address = remote.get(ValueLayout.JAVA_LONG, i * iovec.sizeof());
            long end = address + remote.get(ValueLayout.JAVA_LONG, i * iovec.sizeof() + 8);
            while (address < end) {
                if (kernel.kindAt(address) == null || unreachable.contains(address & -PAGE)) {
                    return total;
                }
                long next = Math.min(end, (address & -PAGE) + PAGE);
                total += next - address;
                address = next;
            }
        }
        return total;
    }

    private void transfer(MemorySegment local, MemorySegment remote, boolean writing) {
        long done = 0;
        for (long i = 0; done < local.byteSize(); i++) {
            long address = remote.get(ValueLayout.JAVA_LONG, i * iovec.sizeof());
            long byteSize = remote.get(ValueLayout.JAVA_LONG, i * iovec.sizeof() + 8);
            for (long j = 0; j < byteSize && done < local.byteSize(); j++, done++) {
                if (writing) {
                    written.put(address + j, local.get(ValueLayout.JAVA_BYTE, done));
                } else {
                    local.set(ValueLayout.JAVA_BYTE, done, at(address + j));
                }
            }
        }
    }
}
