package dev.remora;

/**
 * Not all of some memory could be copied, where all of it was asked for: {@link RemoteMemory#read(dev.remora.addressspace.MemoryRange)} returns no
 * bytes that it did not read. {@link #outcome()} says what was not copied, and why.
 */
public final class IncompleteCopyException extends RemoteMemoryException {

    private static final long serialVersionUID = 1L;

    private final transient CopyOutcome outcome;

    IncompleteCopyException(String message, CopyOutcome outcome) {
        super(message, null);
        this.outcome = outcome;
    }

    /** {@return what was copied, and what was not} */
    public CopyOutcome outcome() {
        return outcome;
    }
}
