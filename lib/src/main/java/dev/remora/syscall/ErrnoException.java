package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.util.Locale;

/** A system call failed, and the caller did not expect that errno. {@code dev.remora} explains it to the user. */
public final class ErrnoException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    public ErrnoException(String call, String operands, int errno) {
        super(String.format(Locale.ROOT, "%s(%s): %s", call, operands, ErrorNumber.describe(errno)));
        this.call = call;
        this.errno = errno;
    }

    /** For what is refused before the kernel would have to: ENOMEM. */
    public static ErrnoException outOfMemory(String call, String operands) {
        return new ErrnoException(call, operands, Linux.ENOMEM());
    }

    /** Returns {@code result} unless it is −errno. */
    public static long check(long result, String call, String operands) {
        if (result < 0) {
            throw new ErrnoException(call, operands, (int) -result);
        }
        return result;
    }

    public String call() {
        return call;
    }

    public int errno() {
        return errno;
    }

    /** Says whether something is not there, or, as a kernel file that was opened before says it, not there any more. */
    public boolean meansRemoved() {
        return errno == Linux.ENOENT() || errno == Linux.ENODEV();
    }

    public boolean meansNoProcess() {
        return errno == Linux.ESRCH();
    }

    public boolean meansUnsupported() {
        return errno == Linux.EOPNOTSUPP();
    }

    /** Says whether this process, or the whole system, has too many files open. */
    public boolean meansTooManyFiles() {
        return errno == Linux.EMFILE() || errno == Linux.ENFILE();
    }

    /** Says whether a right is missing. */
    public boolean meansDenied() {
        return errno == Linux.EPERM() || errno == Linux.EACCES();
    }

    /** Says whether something cannot be written because it is mounted so that nobody can. */
    public boolean meansReadOnly() {
        return errno == Linux.EROFS();
    }
}
