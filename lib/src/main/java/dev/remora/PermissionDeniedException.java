package dev.remora;

/** The kernel refuses because the caller lacks a right. The message names the right and ways to get it. */
public final class PermissionDeniedException extends RemoteMemoryException {

    private static final long serialVersionUID = 1L;

    PermissionDeniedException(String message, Throwable cause) {
        super(message, cause);
    }
}
