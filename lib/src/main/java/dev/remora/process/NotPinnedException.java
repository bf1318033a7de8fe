package dev.remora.process;

/** A number that belongs to something, but to nothing with memory to look after. {@code dev.remora} explains it. */
public final class NotPinnedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What it is instead. */
    public enum Reason {
        /** It ended while it was being opened. */
        ENDED,
        /** It has ended, and its parent has not asked for its exit status yet. */
        ZOMBIE,
        /** It is part of the kernel. */
        KERNEL_THREAD
    }

    private final Reason reason;
    private final String command;

    NotPinnedException(Reason reason, String command) {
        super(reason + " " + command);
        this.reason = reason;
        this.command = command;
    }

    public Reason reason() {
        return reason;
    }

    /** The command name, empty if it ended before it could be read. */
    public String command() {
        return command;
    }
}
