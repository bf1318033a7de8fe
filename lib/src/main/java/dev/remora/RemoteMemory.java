package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MemoryRange;
import dev.remora.process.NotPinnedException;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.MapsCursor;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.PageSize;
import dev.remora.text.Printable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The memory of one other process, held by a pidfd: it never refers to another process, even when the process ends and
 * its number is given away.
 *
 * {@snippet file="FirstSteps.java" region="first-steps"}
 *
 * <p>A handle holds two file descriptors until it is closed, and does nothing to the process by itself. It can be used
 * by several threads, virtual ones included. Closing it while a verb is running lets the verb finish.
 *
 * <p>Kernel: Linux 5.10 or newer on x86-64 or AArch64, with {@code /proc} mounted. Opening a process needs no
 * privilege; reading its mappings and the verbs do, see {@link Selection}. Source: {@code pidfd_open(2)}, {@code
 * proc(5)}.
 */
@CheckReturnValue
public final class RemoteMemory implements AutoCloseable {

    private final Kernel kernel;
    private final PinnedProcess process;
    private final long pageSize;

    private RemoteMemory(Kernel kernel, PinnedProcess process, long pageSize) {
        this.kernel = kernel;
        this.process = process;
        this.pageSize = pageSize;
    }

    /**
     * Opens the memory of a process.
     *
     * @param pid the number of the process, as in {@link ProcessHandle#pid()}
     * @return the handle, to be closed
     * @throws IllegalArgumentException if {@code pid} is less than 1 or too large for a process number
     * @throws NoSuchProcessException if there is no such process, or it is a thread, a zombie, or part of the kernel
     * @throws PermissionDeniedException if {@code /proc} hides the process, or a seccomp filter forbids the call
     * @throws UnsupportedKernelException if the kernel is older than Linux 5.3, which brought pidfds
     * @throws SyscallFailedException if the process is fine but the system is not: too many open files, no memory
     * @throws UnsupportedOperationException if this is not Linux on x86-64 or AArch64
     * @throws IllegalCallerException if Java denies native access; the message names the flag that grants it
     */
    public static RemoteMemory open(long pid) {
        return open(pid, LinuxKernel.instance());
    }

    static RemoteMemory open(long pid, Kernel kernel) {
        if (pid < 1 || pid > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("Process numbers run from 1 to " + Integer.MAX_VALUE + ", and " + pid
                    + " is none; 0 and negative numbers, which kill(2) takes for groups, are no process either");
        }
        try {
            long pageSize = PageSize.of(kernel);
            return new RemoteMemory(kernel, PinnedProcess.open(kernel, (int) pid), pageSize);
        } catch (ErrnoException failure) {
            throw Failures.opening(pid, failure);
        } catch (NotPinnedException failure) {
            throw Failures.opening(pid, failure);
        }
    }

    /**
     * Opens the memory of the very process that a handle stands for, and of no other that was given its number since:
     * once the number is pinned, the handle is asked whether its process still lives. It compares start times, which
     * the kernel gives in hundredths of a second.
     *
     * @param handle the process
     * @return the handle of its memory, to be closed
     * @throws NoSuchProcessException if the process has ended, or is a zombie or part of the kernel
     * @throws PermissionDeniedException if {@code /proc} hides the process, or a seccomp filter forbids the call
     * @throws UnsupportedKernelException if the kernel is older than Linux 5.3, which brought pidfds
     * @throws SyscallFailedException if the process is fine but the system is not: too many open files, no memory
     * @throws UnsupportedOperationException if this is not Linux on x86-64 or AArch64
     * @throws IllegalCallerException if Java denies native access; the message names the flag that grants it
     */
    public static RemoteMemory open(ProcessHandle handle) {
        return open(handle, LinuxKernel.instance());
    }

    static RemoteMemory open(ProcessHandle handle, Kernel kernel) {
        Objects.requireNonNull(handle, "handle");
        RemoteMemory memory = open(handle.pid(), kernel);
        try {
            if (!handle.isAlive() || memory.process.exited()) {
                throw Failures.anotherProcess(handle.pid());
            }
            return memory;
        } catch (ErrnoException failure) {
            memory.close();
            throw Failures.opening(handle.pid(), failure);
        } catch (RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
    }

    /**
     * Opens the memory of a process if there is one with this number.
     *
     * @param pid the number of the process
     * @return the handle, to be closed; empty where {@link #open(long)} throws {@link NoSuchProcessException}
     * @throws IllegalArgumentException if {@code pid} is less than 1 or too large for a process number
     * @throws RemoteMemoryException as {@link #open(long)}, but for {@link NoSuchProcessException}
     * @throws UnsupportedOperationException if this is not Linux on x86-64 or AArch64
     * @throws IllegalCallerException if Java denies native access; the message names the flag that grants it
     */
    public static Optional<RemoteMemory> find(long pid) {
        return find(pid, LinuxKernel.instance());
    }

    static Optional<RemoteMemory> find(long pid, Kernel kernel) {
        try {
            return Optional.of(open(pid, kernel));
        } catch (NoSuchProcessException none) {
            return Optional.empty();
        }
    }

    /** {@return the number of the process} */
    public long pid() {
        return process.pid();
    }

    /** {@return the size of a page in bytes, to which ranges are aligned; the same for all processes of a host} */
    public long pageSize() {
        return pageSize;
    }

    /**
     * Selects ranges of addresses.
     *
     * @param ranges one or more ranges of whole pages, in any order; holes and ranges that overlap are fine
     * @return the selection
     * @throws IllegalArgumentException if there is no range, or one is not made of whole pages or not in user space
     */
    public RangeSelection ranges(MemoryRange... ranges) {
        return ranges(List.of(ranges));
    }

    /**
     * Selects ranges of addresses.
     *
     * @param ranges one or more ranges of whole pages, in any order; holes and ranges that overlap are fine
     * @return the selection
     * @throws IllegalArgumentException if there is no range, or one is not made of whole pages or not in user space
     */
    public RangeSelection ranges(Collection<MemoryRange> ranges) {
        return new RangeSelection(this, ranges);
    }

    /** {@return all that the process maps whenever a verb is used, to be narrowed by conditions} */
    public MappingSelection mappings() {
        return new MappingSelection(this);
    }

    /**
     * {@return what the process maps now}
     *
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if this handle was closed
     */
    public AddressSpace addressSpace() {
        return addressSpace(mappings());
    }

    AddressSpace addressSpace(MappingSelection selection) {
        process.borrow();
        try {
            List<Mapping> mappings = MapsCursor.collect(process.directory(), ArrayList::new, (collected, cursor) -> {
                if (selection.selects(cursor)) {
                    collected.add(cursor.mapping());
                }
            });
            return new AddressSpace(mappings);
        } catch (ErrnoException failure) {
            throw ProcDirectory.meansGone(failure) ? Failures.ended(pid(), failure) : Failures.reading(pid(), failure);
        } finally {
            process.giveBack();
        }
    }

    ProcDirectory directory() {
        return process.directory();
    }

    AdviceOutcome advise(Selection selection, Advice advice) {
        Objects.requireNonNull(advice, "advice");
        process.borrow();
        try {
            RangeList ranges = selection.ranges();
            return new AdviceRun(kernel, process, advice, pageSize).over(ranges);
        } catch (ErrnoException failure) {
            if (ProcDirectory.meansGone(failure)) {
                return new AdviceOutcome.ProcessGone(advice, List.of(), 0, 0, 0);
            }
            throw Failures.advising(pid(), failure);
        } finally {
            process.giveBack();
        }
    }

    /** Gives the handle back. The process is not affected. Closing twice does nothing. */
    @Override
    public void close() {
        process.close();
    }

    /** {@return the number and the command of the process} */
    @Override
    public String toString() {
        return "memory of process " + pid() + " (" + Printable.of(process.command()) + ")";
    }
}
