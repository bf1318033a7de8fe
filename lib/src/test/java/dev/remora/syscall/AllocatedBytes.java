package dev.remora.syscall;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** What a thread allocated on the heap. The library does not require {@code jdk.management}, so it is found by name. */
final class AllocatedBytes {

    private static final MethodHandle OF_THIS_THREAD = find();

    private AllocatedBytes() {}

    /** Allocates nothing itself. */
    static long ofThisThread() throws Throwable {
        return (long) OF_THIS_THREAD.invokeExact();
    }

    private static MethodHandle find() {
        try {
            Object threads = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            return MethodHandles.publicLookup()
                    .findVirtual(
                            Class.forName("com.sun.management.ThreadMXBean"),
                            "getCurrentThreadAllocatedBytes",
                            MethodType.methodType(long.class))
                    .bindTo(threads);
        } catch (ReflectiveOperationException failure) {
            throw new LinkageError("this Java does not tell what a thread allocates", failure);
        }
    }
}
