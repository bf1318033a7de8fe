package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Syscall;
import java.util.Set;

/** In which system call a thread waits, as {@code /proc/PID/task/TID/syscall} tells those who may trace it. */
public final class CurrentCall {

    /** The kernel itself begins them anew when their thread was stopped, with what is left of their limit of time. */
    private static final Set<Syscall> BEGIN_ANEW = Set.of(
            Syscall.FUTEX,
            Syscall.NANOSLEEP,
            Syscall.CLOCK_NANOSLEEP,
            Syscall.POLL,
            Syscall.RESTART_SYSCALL,
            Syscall.WAITID,
            Syscall.WAIT4);

    private CurrentCall() {}

    /** Says whether it waits in a call of which the program does not notice that it was interrupted. */
    public static boolean beginsAnewUnnoticed(ProcDirectory thread) {
        try {
            String text = thread.text(Entry.SYSCALL);
            int space = text.indexOf(' ');
            return space > 0 && beginsAnew(text.substring(0, space));
        } catch (ErrnoException denied) {
            return false;
        }
    }

    private static boolean beginsAnew(String number) {
        return BEGIN_ANEW.stream()
                .anyMatch(call -> Integer.toString(call.number()).equals(number));
    }
}
