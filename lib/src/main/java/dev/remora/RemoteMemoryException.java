package dev.remora;

import org.jspecify.annotations.Nullable;

/**
 * Remora cannot do what was asked of it, and trying again with the same rights on the same kernel will not help. The
 * message says which call failed, on what, and what to do about it.
 *
 * <p>Mistakes in the arguments are {@link IllegalArgumentException}, the use of a closed handle is {@link
 * IllegalStateException}.
 */
public abstract sealed class RemoteMemoryException extends RuntimeException
        permits NoSuchProcessException,
                PermissionDeniedException,
                UnsupportedKernelException,
                IncompleteCopyException,
                WritesNotTrackedException,
                SyscallFailedException {

    private static final long serialVersionUID = 1L;

    RemoteMemoryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
