package dev.remora.syscall;

import dev.remora.bindings.Linux;

/** What Remora sends to processes. */
public enum Signal {
    /** Nothing: only finds out whether a signal could be sent. */
    NONE(0),

    /** Asks the process to end; it may do so later, or never. */
    TERM(Linux.SIGTERM()),

    /** Ends it. */
    KILL(Linux.SIGKILL()),

    /** Stops all its threads. */
    STOP(Linux.SIGSTOP()),

    /** Lets them run on. */
    CONT(Linux.SIGCONT());

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    /** As {@code kill(1)} prints it. */
    @Override
    public String toString() {
        return this == NONE ? "no signal, only a check" : "SIG" + name();
    }

    int number() {
        return number;
    }
}
