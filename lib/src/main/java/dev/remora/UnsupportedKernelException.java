package dev.remora;

import org.jspecify.annotations.Nullable;

/** This kernel cannot do it. The message names the first version that can. */
public final class UnsupportedKernelException extends RemoteMemoryException {

    private static final long serialVersionUID = 1L;

    UnsupportedKernelException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
