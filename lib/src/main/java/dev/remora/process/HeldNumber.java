package dev.remora.process;

import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.ThreadState;
import dev.remora.syscall.Tracee;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the number of a process from being given to another one, for calls that take a process by its number. It traces one
 * thread of the process, which does not stop for that: the kernel lets nobody collect a process with a thread that is traced,
 * and a number is not free before.
 *
 * <p>The first thread is traced, which has the number of the process. Java takes a stop of the first thread of its own children
 * for their end, so of those it is another thread. A signal for the traced thread waits until {@link #still()}. A process
 * that this JVM traces already, to make it stand still, has its number held by that, for as long as it is to stand still.
 */
public final class HeldNumber {

    private final BooleanSupplier held;

    private HeldNumber(BooleanSupplier held) {
        this.held = held;
    }

    /**
     * Does something while the number is held, on another thread if it is that of another process. Empty if it cannot be
     * held: somebody else traces the process, or it is a child of this one with a single thread, or the caller may not trace
     * it.
     */
    public static <T> Optional<T> with(Kernel kernel, PinnedProcess process, Function<HeldNumber, T> task) {
        if (process.pid() == new OwnProcess(kernel).pid()) {
            return Optional.of(task.apply(new HeldNumber(() -> true)));
        }
        Optional<T> whileFrozen =
                Freeze.byTracerOf(process, () -> task.apply(new HeldNumber(() -> Freeze.holdsHere(process))));
        return whileFrozen.isPresent() ? whileFrozen : TracerThread.call(() -> byTracing(kernel, process, task));
    }

    private static <T> Optional<T> byTracing(Kernel kernel, PinnedProcess process, Function<HeldNumber, T> task) {
        try (Arena arena = Arena.ofConfined()) {
            Tracee tracee = seize(kernel, process, arena);
            return tracee == null ? Optional.empty() : Optional.of(task.apply(new HeldNumber(() -> holds(tracee))));
        }
    }

    /** Null if it cannot be traced, or is not the process that was meant. */
    private static @Nullable Tracee seize(Kernel kernel, PinnedProcess process, Arena arena) {
        try {
            OptionalInt thread = threadToTrace(kernel, process);
            if (thread.isEmpty()) {
                return null;
            }
            awaitOwnTracers(kernel, process, thread.getAsInt());
            Tracee tracee = Tracee.seize(kernel, thread.getAsInt(), false, false, arena);
            return belongs(process, tracee) ? tracee : null;
        } catch (ErrnoException refused) {
            return null;
        }
    }

    private static OptionalInt threadToTrace(Kernel kernel, PinnedProcess process) {
        return new Relatives(kernel).isChild(process)
                ? process.directory().threads().stream()
                        .mapToInt(Integer::intValue)
                        .filter(number -> number != process.pid())
                        .findFirst()
                : OptionalInt.of(process.pid());
    }

    /** One that makes it stand still does not let go, while it is to. */
    private static void awaitOwnTracers(Kernel kernel, PinnedProcess process, int number) {
        try (ProcDirectory thread = process.directory().thread(number)) {
            var _ = new Relatives(kernel).statusOnceLetGo(thread, () -> Freeze.isFor(process));
        }
    }

    /** What is traced keeps its number, so what the directory shows from then on is the one that is traced. */
    private static boolean belongs(PinnedProcess process, Tracee tracee) {
        try (ProcDirectory _ = process.directory().thread(tracee.number())) {
            return !process.exited();
        }
    }

    /** Says whether the number is still held, and lets the traced thread have its signals. */
    public boolean still() {
        return held.getAsBoolean();
    }

    private static boolean holds(Tracee tracee) {
        try {
            ThreadState state = tracee.state();
            while (!(state instanceof ThreadState.Running || state instanceof ThreadState.Ended)) {
                goOn(tracee, state);
                state = tracee.state();
            }
            return state instanceof ThreadState.Running;
        } catch (ErrnoException ended) {
            return false;
        }
    }

    /** As if nobody traced it: what is stopped stays so until it is continued. */
    private static void goOn(Tracee tracee, ThreadState state) {
        switch (state) {
            case ThreadState.Signalled(int signal) -> tracee.resume(signal);
            case ThreadState.Trapped(boolean processStopped) when processStopped -> tracee.listen();
            default -> tracee.resume(0);
        }
    }
}
