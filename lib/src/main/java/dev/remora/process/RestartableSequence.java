package dev.remora.process;

import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Tracee;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;

/**
 * A piece of code that a thread has asked the kernel to abort when it is interrupted in it ({@code rseq(2)}). The kernel
 * looks at where the thread is when it goes on: if that is somewhere else, for a call that it was made to execute, it forgets
 * about the sequence, and would not abort it any more. So that is done here, as the kernel does it.
 */
final class RestartableSequence {

    // struct rseq and struct rseq_cs.
    private static final long CURRENT = 8;
    private static final long START = 8;
    private static final long LENGTH = 16;
    private static final long ABORT = 24;
    private static final long DESCRIPTION_BYTES = 32;

    private RestartableSequence() {}

    /**
     * Aborts the sequence in which a thread was interrupted, if it was in one. Returns false if nobody knows: a kernel before
     * Linux 5.13 does not tell, and there only threads that wait in a system call are certain to be in none.
     */
    static boolean abortIn(StoppedThread thread) {
        OptionalLong area = thread.tracee().restartableSequences();
        if (area.isEmpty()) {
            return thread.registers().inSystemCall();
        }
        if (area.getAsLong() != 0) {
            abortIn(thread, area.getAsLong());
        }
        return true;
    }

    private static void abortIn(StoppedThread thread, long area) {
        Tracee tracee = thread.tracee();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(DESCRIPTION_BYTES, Long.BYTES);
            tracee.readMemory(area + CURRENT, buffer.asSlice(0, Long.BYTES));
            long description = buffer.get(ValueLayout.JAVA_LONG, 0);
            if (description == 0) {
                return;
            }
            tracee.readMemory(description, buffer);
            long into = thread.registers().programCounter() - buffer.get(ValueLayout.JAVA_LONG, START);
            if (Long.compareUnsigned(into, buffer.get(ValueLayout.JAVA_LONG, LENGTH)) < 0) {
                thread.registers().goOnAt(buffer.get(ValueLayout.JAVA_LONG, ABORT));
            }
        } catch (ErrnoException failure) {
            if (!Tracee.badAddress(failure)) {
                throw failure;
            }
        }
    }
}
