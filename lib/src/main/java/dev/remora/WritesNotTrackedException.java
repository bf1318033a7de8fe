package dev.remora;

/**
 * The process does not have its writes to this memory tracked, which nobody can do for it. The message says what it has to do.
 */
public final class WritesNotTrackedException extends RemoteMemoryException {

    private static final long serialVersionUID = 1L;

    WritesNotTrackedException(String message, Throwable cause) {
        super(message, cause);
    }
}
