package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.procfs.RangeList;

/**
 * A part of the memory of one process, and the verbs that act on it.
 *
 * <p>A selection is an immutable value: it can be kept, used again, and used by several threads. Each verb finds out
 * anew which ranges are meant and acts on them with as few system calls as the kernel allows: vectors of up to 1024
 * ranges and 0x7ffff000 bytes. It goes on past holes and past mappings that refuse, and returns one outcome for all.
 *
 * <p>Privileges: the kernel asks for {@code CAP_SYS_NICE} in the initial user namespace and for the right to read the
 * process as {@code ptrace(2)} has it (Linux 5.12 and newer; before, the right to attach). Source: {@code
 * process_madvise(2)}, {@code mm/madvise.c}.
 *
 * <p>All verbs have these failures in common:
 *
 * <ul>
 *   <li>{@link PermissionDeniedException}: the caller may not advise this process; nothing was done;
 *   <li>{@link UnsupportedKernelException}: the kernel is too old for the advice; nothing was done;
 *   <li>{@link IllegalStateException}: the {@link RemoteMemory} was closed.
 * </ul>
 */
@CheckReturnValue
public abstract sealed class Selection permits RangeSelection, MappingSelection {

    private final RemoteMemory memory;

    Selection(RemoteMemory memory) {
        this.memory = memory;
    }

    final RemoteMemory memory() {
        return memory;
    }

    /** The ranges that are meant now, or throws {@link dev.remora.syscall.ErrnoException}. */
    abstract RangeList ranges();

    /**
     * Asks the kernel to take the selected memory out of RAM now. {@link Advice#PAGEOUT} says what it silently leaves
     * alone, and that anonymous memory stays where it is without swap.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome pageOut() {
        return advise(Advice.PAGEOUT);
    }

    /**
     * Tells the kernel that the selected memory is not expected to be needed soon: {@link Advice#COLD}.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome markCold() {
        return advise(Advice.COLD);
    }

    /**
     * Asks the kernel to read the selected memory ahead from swap or from its files: {@link Advice#WILLNEED}.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome prefetch() {
        return advise(Advice.WILLNEED);
    }

    /**
     * Asks the kernel to collapse the selected memory into transparent huge pages now: {@link Advice#COLLAPSE}, which
     * can make the process grow.
     *
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome collapse() {
        return advise(Advice.COLLAPSE);
    }

    /**
     * Gives advice for the selected memory.
     *
     * @param advice the advice
     * @return what became of each range
     * @throws RemoteMemoryException if nothing could be done, see {@link Selection}
     * @throws IllegalStateException if the memory was closed
     */
    public final AdviceOutcome advise(Advice advice) {
        return memory.advise(this, advice);
    }
}
