package dev.remora.procfs;

/**
 * What {@code /proc/PID/stat} says of a process, as far as it tells of its memory.
 *
 * @param command the command name, at most 15 bytes
 * @param state what it does: {@code R} runs, {@code S} sleeps, {@code D} waits undisturbed, {@code Z} has ended
 * @param parentPid the number of its parent
 * @param flags what kind of task it is, one bit each ({@code PF_} of the kernel's {@code include/linux/sched.h})
 * @param threads how many there are of it, ended ones included that wait for others
 * @param stackAddress where its first stack began; 0 for those who may not read the process, and without memory
 */
public record ProcessStatus(String command, char state, int parentPid, long flags, int threads, long stackAddress) {

    /** {@code PF_KTHREAD}. */
    private static final long KERNEL_THREAD = 0x0020_0000;

    /** {@code PF_IO_WORKER | PF_USER_WORKER}. */
    private static final long WORKER = 0x4010;

    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int FLAGS = 6;
    private static final int THREADS = 17;
    private static final int START_STACK = 25;

    /** Parses the text of {@code stat}; the command is in parentheses and may contain any character, these included. */
    public static ProcessStatus parse(String stat) {
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        if (open < 0 || close < open) {
            throw unexpected(stat);
        }
        String[] fields = stat.substring(close + 1).strip().split(" ", -1);
        if (fields.length <= START_STACK
                || !isNumber(fields[PARENT])
                || !isNumber(fields[FLAGS])
                || !isNumber(fields[THREADS])
                || !isNumber(fields[START_STACK])) {
            throw unexpected(stat);
        }
        return new ProcessStatus(
                stat.substring(open + 1, close),
                fields[STATE].charAt(0),
                Integer.parseInt(fields[PARENT]),
                Long.parseLong(fields[FLAGS]),
                Integer.parseInt(fields[THREADS]),
                Long.parseUnsignedLong(fields[START_STACK]));
    }

    /** Whether it has ended and waits for its parent. */
    public boolean zombie() {
        return "ZXx".indexOf(state) >= 0;
    }

    /** Whether it is part of the kernel, without memory of its own. */
    public boolean kernelThread() {
        return (flags & KERNEL_THREAD) != 0;
    }

    /** Whether it is a thread that never runs the program, but works for it in the kernel ({@code io_uring(7)}). */
    public boolean worker() {
        return (flags & WORKER) != 0;
    }

    private static boolean isNumber(String field) {
        return field.matches("[0-9]{1,19}");
    }

    private static IllegalStateException unexpected(String stat) {
        return new IllegalStateException("This kernel's /proc/PID/stat is not as Remora expects it: " + stat);
    }
}
