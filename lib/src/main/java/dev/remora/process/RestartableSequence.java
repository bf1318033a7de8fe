package dev.remora.process;

import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Tracee;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;

/**
 * A piece of code that a thread has asked the kernel to begin anew when it is interrupted in it ({@code rseq(2)}). The
 * kernel looks at where the thread is when it goes on: if that is somewhere else, for a call that it was made to execute,
 * it forgets about the sequence.
 */
final class RestartableSequence {

    // struct rseq and struct rseq_cs.
    private static final long CURRENT = 8;
    private static final long START = 8;
    private static final long LENGTH = 16;
    private static final long DESCRIPTION_BYTES = 32;

    private RestartableSequence() {}

    /**
     * Says whether a thread that stands still was interrupted in one. A kernel before Linux 5.13 does not tell; there only
     * threads that wait in a system call are certain to be in none.
     */
    static boolean interruptedIn(StoppedThread thread) {
        OptionalLong area = thread.tracee().restartableSequences();
        if (area.isEmpty()) {
            return !thread.registers().inSystemCall();
        }
        return area.getAsLong() != 0 && interruptedIn(thread, area.getAsLong());
    }

    private static boolean interruptedIn(StoppedThread thread, long area) {
        Tracee tracee = thread.tracee();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(DESCRIPTION_BYTES, Long.BYTES);
            tracee.readMemory(area, buffer);
            long description = buffer.get(ValueLayout.JAVA_LONG, CURRENT);
            if (description == 0) {
                return false;
            }
            tracee.readMemory(description, buffer);
            long into = thread.registers().programCounter() - buffer.get(ValueLayout.JAVA_LONG, START);
            return Long.compareUnsigned(into, buffer.get(ValueLayout.JAVA_LONG, LENGTH)) < 0;
        } catch (ErrnoException failure) {
            if (Tracee.badAddress(failure)) {
                return false;
            }
            throw failure;
        }
    }
}
