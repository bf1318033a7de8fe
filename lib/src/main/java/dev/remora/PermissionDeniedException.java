package dev.remora;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The kernel refuses because the caller lacks a right. What is missing was looked for when that happened: the message
 * names it, and the settings that grant it.
 *
 * {@snippet file="Permissions.java" region="missing"}
 */
public final class PermissionDeniedException extends RemoteMemoryException {

    private static final long serialVersionUID = 1L;

    private final MissingRight[] missingRights;

    PermissionDeniedException(String message, Throwable cause) {
        super(message, cause);
        missingRights = new MissingRight[0];
    }

    PermissionDeniedException(List<Lack> lacks, Throwable cause) {
        super(cause.getMessage() + ". " + lacks.stream().map(Lack::sentence).collect(Collectors.joining(". ")), cause);
        missingRights = lacks.stream().map(Lack::right).distinct().toArray(MissingRight[]::new);
    }

    /**
     * {@return the rights that were found to be missing, those to begin with first} Empty where that could not be seen,
     * as with files of a cgroup or without {@code /proc}; then the message lists what the call takes.
     */
    public List<MissingRight> missingRights() {
        return List.of(missingRights);
    }
}
