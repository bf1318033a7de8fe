package dev.remora.procfs;

import dev.remora.bindings.Linux;

/**
 * What {@code /proc/PID/status}, of a process or of one of its threads, tells somebody who wants to trace it.
 *
 * @param processPid the number of the process that it belongs to
 * @param tracer the number of the thread that traces it now, which need not be that of a process; 0 if none does
 * @param confined whether seccomp decides which calls it may make
 * @param trapPending whether a SIGTRAP waits to be delivered to it
 * @param ended whether it has ended, and is only there because nobody has looked at that yet
 */
public record ThreadStatus(int processPid, int tracer, boolean confined, boolean trapPending, boolean ended) {

    private static final int HEXADECIMAL = 16;

    /** Reads it, or throws {@link dev.remora.syscall.ErrnoException}. */
    public static ThreadStatus of(ProcDirectory thread) {
        return parse(thread.text(ProcDirectory.Entry.STATUS));
    }

    static ThreadStatus parse(String status) {
        long trap = 1L << (Linux.SIGTRAP() - 1);
        long pending = field(status, "SigPnd:", HEXADECIMAL) | field(status, "ShdPnd:", HEXADECIMAL);
        return new ThreadStatus(
                (int) field(status, "Tgid:", 10),
                (int) field(status, "TracerPid:", 10),
                field(status, "Seccomp:", 10) != 0,
                (pending & trap) != 0,
                status.contains("\nState:\tZ") || status.contains("\nState:\tX"));
    }

    /** A field that a kernel does not have is 0. */
    private static long field(String status, String name, int radix) {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .mapToLong(value -> Long.parseUnsignedLong(value, radix))
                .findFirst()
                .orElse(0);
    }
}
