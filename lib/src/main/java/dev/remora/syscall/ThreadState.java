package dev.remora.syscall;

import dev.remora.bindings.Linux;

/** What a traced thread does now, as its tracer sees it. */
public sealed interface ThreadState {

    /** It runs, or waits in the kernel. */
    record Running() implements ThreadState {}

    /** It stands where a system call begins or has just ended; the end of {@code execve(2)} included, if that was asked for. */
    record AtSystemCall() implements ThreadState {}

    /**
     * It stands where the kernel looks for signals before it goes back to the program. No signal is about to take effect.
     *
     * @param processStopped whether its whole process is stopped, as by SIGSTOP
     */
    record Trapped(boolean processStopped) implements ThreadState {}

    /**
     * It stands because a signal is about to take effect, and only does if the tracer passes it on.
     *
     * @param signal the number of the signal
     */
    record Signalled(int signal) implements ThreadState {}

    /** It has ended. */
    record Ended() implements ThreadState {}

    /** What a system call stop adds to SIGTRAP, since {@code PTRACE_O_TRACESYSGOOD} is set. */
    int SYSTEM_CALL = 0x80;

    /** Reads the status that {@code wait4(2)} stores. */
    static ThreadState of(int status) {
        boolean stopped = (status & 0xff) == 0x7f;
        if (!stopped) {
            return new Ended();
        }
        int signal = status >> 8 & 0xff;
        if (status >> 16 == Linux.PTRACE_EVENT_STOP()) {
            return new Trapped(signal != Linux.SIGTRAP());
        }
        boolean atSystemCall = signal == (Linux.SIGTRAP() | SYSTEM_CALL) || status >> 16 == Linux.PTRACE_EVENT_EXEC();
        return atSystemCall ? new AtSystemCall() : new Signalled(signal);
    }
}
