package dev.remora.syscall;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The kernel this process runs on, called through libc's {@code syscall}.
 *
 * <p>The segment in which the linker leaves errno belongs to the thread, virtual ones included: a virtual thread stays
 * on its carrier during a native call, but not necessarily between the call and the reading of errno.
 */
public final class LinuxKernel implements Kernel {

    private static final LinuxKernel INSTANCE = new LinuxKernel();

    private LinuxKernel() {}

    /**
     * Returns the kernel, or throws {@link UnsupportedOperationException} on another system, {@link
     * IllegalCallerException} where native access is denied.
     */
    public static LinuxKernel instance() {
        var _ = Architecture.ofThisMachine();
        NativeAccess.check();
        return INSTANCE;
    }

    @Override
    public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
        MemorySegment errno = Libc.ERRNO_SEGMENT.get();
        long result;
        try {
            result = (long) Libc.SYSCALL.invokeExact(errno, (long) number, a0, a1, a2, a3, a4, a5);
        } catch (Throwable impossible) {
            throw new AssertionError("a native call does not throw", impossible);
        }
        return result == -1 ? -(int) Libc.ERRNO.get(errno, 0L) : result;
    }

    /** Linked on first use, after {@link NativeAccess} was checked. */
    @SuppressWarnings("restricted")
    private static final class Libc {

        static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
        static final VarHandle ERRNO = CAPTURED.varHandle(PathElement.groupElement("errno"));
        static final ThreadLocal<MemorySegment> ERRNO_SEGMENT =
                ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURED));

        static final MethodHandle SYSCALL = Linker.nativeLinker()
                .downcallHandle(
                        Linker.nativeLinker().defaultLookup().find("syscall").orElseThrow(),
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                        Linker.Option.firstVariadicArg(1),
                        Linker.Option.captureCallState("errno"));

        static {
            assert ERRNO.varType() == JAVA_INT.carrier();
        }
    }
}
