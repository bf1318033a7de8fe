package dev.remora.syscall;

import dev.remora.bindings.Linux;
import java.util.Map;

/** What the errnos that Remora's calls can answer are called and mean. Unknown ones stay numbers. */
public final class ErrorNumber {

    private static final Map<Integer, String> DESCRIPTIONS = Map.ofEntries(
            Map.entry(Linux.EPERM(), "EPERM, operation not permitted"),
            Map.entry(Linux.ENOENT(), "ENOENT, no such file or directory"),
            Map.entry(Linux.ESRCH(), "ESRCH, no such process"),
            Map.entry(Linux.EINTR(), "EINTR, interrupted by a signal"),
            Map.entry(Linux.EIO(), "EIO, input/output error"),
            Map.entry(Linux.E2BIG(), "E2BIG, argument too long"),
            Map.entry(Linux.EBADF(), "EBADF, bad file descriptor"),
            Map.entry(Linux.ECHILD(), "ECHILD, no child process"),
            Map.entry(Linux.EAGAIN(), "EAGAIN, temporarily unavailable"),
            Map.entry(Linux.ENOMEM(), "ENOMEM, out of memory or not mapped"),
            Map.entry(Linux.EACCES(), "EACCES, permission denied"),
            Map.entry(Linux.EFAULT(), "EFAULT, bad address"),
            Map.entry(Linux.EBUSY(), "EBUSY, busy"),
            Map.entry(Linux.EEXIST(), "EEXIST, exists already"),
            Map.entry(Linux.ENODEV(), "ENODEV, no such device"),
            Map.entry(Linux.ENOTDIR(), "ENOTDIR, not a directory"),
            Map.entry(Linux.EISDIR(), "EISDIR, is a directory"),
            Map.entry(Linux.EINVAL(), "EINVAL, invalid argument"),
            Map.entry(Linux.ENFILE(), "ENFILE, too many open files in the system"),
            Map.entry(Linux.EMFILE(), "EMFILE, too many open files in this process"),
            Map.entry(Linux.ENOTTY(), "ENOTTY, request not known to this file"),
            Map.entry(Linux.EFBIG(), "EFBIG, file too large"),
            Map.entry(Linux.ENOSPC(), "ENOSPC, no space left"),
            Map.entry(Linux.ENOSYS(), "ENOSYS, no such system call in this kernel"),
            Map.entry(Linux.EOPNOTSUPP(), "EOPNOTSUPP, not supported"),
            Map.entry(Linux.ETIMEDOUT(), "ETIMEDOUT, timed out"));

    private ErrorNumber() {}

    /** Returns the name with a few words, such as {@code "EPERM, operation not permitted"}, or {@code "errno 4711"}. */
    public static String describe(int errno) {
        return DESCRIPTIONS.getOrDefault(errno, "errno " + errno);
    }

    /** Returns the name alone, such as {@code "EPERM"}, or {@code "errno 4711"}. */
    public static String name(int errno) {
        String description = describe(errno);
        int comma = description.indexOf(',');
        return comma < 0 ? description : description.substring(0, comma);
    }
}
