package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.AddressSpaceUse;
import dev.remora.addressspace.BuildId;
import dev.remora.addressspace.JvmMemory;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingNodes;
import dev.remora.addressspace.MappingQuery;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.ProcessUse;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.process.NotPinnedException;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.PageSurvey;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.PageSize;
import dev.remora.text.Printable;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

    private final OpenedProcess process;
    private final Acting acting;
    private final PageMarks marks;

    private RemoteMemory(OpenedProcess process) {
        this.process = process;
        acting = new Acting(process);
        marks = new PageMarks(process.kernel(), process.pinned());
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
            return new RemoteMemory(new OpenedProcess(kernel, PinnedProcess.open(kernel, (int) pid), pageSize));
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
            if (!handle.isAlive() || memory.process.pinned().exited()) {
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
        return process.pageSize();
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
     * {@return what the process maps now} The list is read as text, which is the quickest way to all of it.
     *
     * <p>A process that maps and unmaps meanwhile may show one mapping from before a change beside another from after it; but
     * none comes twice or overlaps another, and what stays mapped all the time is there.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to read the process. Source: {@code proc_pid_maps(5)}.
     *
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if this handle was closed
     */
    public AddressSpace addressSpace() {
        return addressSpace(mappings());
    }

    AddressSpace addressSpace(MappingSelection selection) {
        return looking(look -> look.addressSpace(selection));
    }

    /**
     * {@return the mapping in which an address lies, now; empty if nothing is mapped there}
     *
     * {@snippet file="Looking.java" region="one-address"}
     *
     * <p>Linux 6.11 and newer find it in one call ({@code PROCMAP_QUERY}), however many mappings there are. For older
     * kernels the list is read as text up to the mapping. The answer is the same: that of {@link AddressSpace#at}.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to read the process. Source: {@code proc_pid_maps(5)}, {@code
     * do_procmap_query} of the kernel's {@code fs/proc/task_mmu.c}.
     *
     * @param address any address
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if this handle was closed
     */
    public Optional<Mapping> mappingAt(long address) {
        return looking(look -> look.at(address));
    }

    /**
     * {@return the mapping in which an address lies, or else the next one above it, now; empty if there is none}
     *
     * <p>Found as by {@link #mappingAt}, with the same privileges.
     *
     * @param address any address
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if this handle was closed
     */
    public Optional<Mapping> mappingFrom(long address) {
        return mappingFrom(address, MappingQuery.any());
    }

    /**
     * {@return the first mapping that answers a query, of the one in which an address lies and those above it, now}
     *
     * {@snippet file="Looking.java" region="next"}
     *
     * <p>Found as by {@link #mappingAt}, with the same privileges; on Linux 6.11 and newer the kernel itself looks for what
     * answers the query.
     *
     * @param address any address
     * @param query what the mapping must be
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if this handle was closed
     */
    public Optional<Mapping> mappingFrom(long address, MappingQuery query) {
        Objects.requireNonNull(query, "query");
        return looking(look -> look.from(address, query));
    }

    /**
     * {@return the build id of the program or library that is mapped at an address} Empty if nothing or no file is mapped
     * there, or if the file has no build id; Linux 6.11 also gives none if the beginning of the file is not in RAM. The kernel
     * takes it from the file that is mapped, also when that was deleted or replaced since.
     *
     * <p>Kernel: Linux 6.11 ({@code PROCMAP_QUERY}). Privileges: those of {@link #mappingAt}.
     *
     * @param address any address
     * @throws UnsupportedKernelException if the kernel is older
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if this handle was closed
     */
    public Optional<BuildId> buildIdAt(long address) {
        return process.lend(() -> looking().buildIdAt(address), failure -> Failures.buildId(process.rights(), failure));
    }

    /**
     * {@return how the process uses memory, in all} The kernel adds up what it would print for each mapping, for which it
     * walks all page tables of the process: some 10 ms for each GiB in small pages.
     *
     * {@snippet file="Looking.java" region="whole-process"}
     *
     * <p>Kernel: Linux 4.14. Privileges: the right that {@code ptrace(2)} has to read the process. Source: {@code
     * proc_pid_smaps(5)}.
     *
     * @throws PermissionDeniedException if the caller may not read the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if this handle was closed
     */
    public ProcessUse use() {
        return looking(Looking::use);
    }

    /**
     * {@return where the JVM has what, if the process is a HotSpot JVM; empty if it is none} {@link MappingSelection#javaHeap()}
     * and its neighbours select these parts.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to read the process.
     *
     * @throws PermissionDeniedException if the caller may not read the mappings of the process
     * @throws NoSuchProcessException if the process has ended
     * @throws IllegalStateException if this handle was closed
     */
    public Optional<JvmMemory> jvm() {
        return JvmMemory.of(addressSpace());
    }

    /** For who has borrowed the process already; throws {@link ErrnoException}. */
    AddressSpace everything() {
        return looking().addressSpace(mappings());
    }

    AddressSpaceUse details(MappingSelection selection) {
        return looking(look -> look.details(selection));
    }

    List<MappingNodes> nodesOfMappings(MappingSelection selection) {
        return process.lend(
                () -> looking().nodes(selection),
                failure -> Failures.nodes(
                        process.rights(), failure, process.pinned().gone()));
    }

    private <T> T looking(Function<Looking, T> look) {
        return process.lend(() -> look.apply(looking()), failure -> Failures.looking(process.rights(), failure));
    }

    private Looking looking() {
        return new Looking(process.kernel(), process.directory());
    }

    /** For who has borrowed the process already. */
    OpenedProcess process() {
        return process;
    }

    Acting acting() {
        return acting;
    }

    SelectionPlan plan(Selection selection) {
        return process.lend(
                () -> new Planning(process.kernel(), process.pinned(), process.pageSize()).all(selection),
                process::pagesUnreadable);
    }

    Residency residency(Selection selection) {
        return process.lend(
                () -> {
                    RangeList ranges = selection.ranges();
                    return new Residency(
                            PageSurvey.of(
                                    process.kernel(),
                                    process.directory(),
                                    ranges,
                                    process.pageSize(),
                                    PageSurvey.Method.BEST),
                            ranges);
                },
                process::pagesUnreadable);
    }

    PageMark mark(Selection selection) {
        return process.lend(() -> marks.mark(selection.ranges()), process::pagesUnreadable);
    }

    WrittenPages writtenSince(Selection selection, PageMark mark) {
        Objects.requireNonNull(mark, "mark");
        return process.lend(() -> marks.writtenSince(mark, selection.ranges()), process::pagesUnreadable);
    }

    /**
     * Marks pages of the whole process, so that {@link Selection#whatIsCold(UseMark)} tells which memory it uses from now on. A
     * later mark begins anew, for everybody who looks: of this handle, only the last one can be asked for.
     *
     * <p>This disturbs: it clears the accessed bits by which the kernel itself finds out what to keep in RAM, so that for a while
     * all memory of the process seems as cold as the rest; and the processors forget what they knew of its page tables (a flush of
     * their TLBs). For each GiB of small pages it takes some milliseconds, in which the process cannot change its mappings. Marks of
     * the least pages needed disturb the least.
     *
     * <p>Privileges: the user of the process, or root if it is not dumpable; for others CAP_DAC_OVERRIDE. Kernel: Linux 2.6.22, with CONFIG_PROC_PAGE_MONITOR.
     * Source: {@code clear_refs} of {@code proc_pid_clear_refs(5)}, {@code fs/proc/task_mmu.c}.
     *
     * @param pages which pages
     * @return the mark
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not do that to the process
     * @throws IllegalStateException if this handle was closed
     */
    public UseMark markUse(UseMark.Pages pages) {
        Objects.requireNonNull(pages, "pages");
        return process.lend(() -> marks.markUse(pages), process::unmarked);
    }

    ColdMemory whatIsCold(Selection selection, UseMark mark) {
        Objects.requireNonNull(mark, "mark");
        return process.lend(() -> marks.whatIsCold(mark, selection.ranges()), process::pagesUnreadable);
    }

    /**
     * {@return the NUMA nodes on which the process may have memory} Its cpuset says so.
     *
     * <p>Privileges: none beyond seeing the process in {@code /proc}. Source: {@code Mems_allowed_list} of {@code proc(5)}.
     *
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if {@code /proc} hides the process
     * @throws IllegalStateException if this handle was closed
     */
    public NodeSet allowedNodes() {
        return process.lend(
                () -> Placing.allowedNodes(process.pinned(), NumaTopology.ofThisHost()), process::unreadable);
    }

    /**
     * Moves all pages of the process that are on some nodes to others. A page on the n-th of the nodes to leave goes to the
     * n-th of the nodes to go to, so far as there are as many ({@code migrate_pages(2)}). Memory policies stay as they are,
     * and so may bring new pages to where the old ones left.
     *
     * {@snippet file="Placing.java" region="migrate"}
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to read the process, and CAP_SYS_NICE for nodes that its cpuset
     * does not allow or for another user's process. Kernel: Linux 2.6.16. The kernel takes the process by its number:
     * whether it still was the one that was opened is found out directly before and after the call.
     *
     * @param from the nodes to leave
     * @param to the nodes to go to, at least one
     * @return what became of it
     * @throws IllegalArgumentException if a set is empty, a node does not exist here or has no memory, or the cpuset of the
     *     process does not allow memory on a node to go to
     * @throws PermissionDeniedException if the caller may not move memory of the process
     * @throws UnsupportedKernelException if the kernel was built without NUMA
     * @throws IllegalStateException if this handle was closed
     */
    public MigrationOutcome migrate(NodeSet from, NodeSet to) {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        return acting.migrate(from, to);
    }

    /**
     * {@return the bytes of a range of the memory of the process, all of them}
     *
     * {@snippet file="Copying.java" region="bytes"}
     *
     * <p>What cannot be read is never passed off as zeros: if anything is missing, there is no array. {@link
     * #read(MemoryRange, MemorySegment)} copies what is there.
     *
     * @param range any range of addresses; it need not consist of whole pages
     * @throws IncompleteCopyException if some of it could not be read, such as a hole; it says what
     * @throws IllegalArgumentException if the range is not in user space, or too large for an array
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not read memory of the process
     * @throws UnsupportedKernelException if the kernel was built without CONFIG_CROSS_MEMORY_ATTACH
     * @throws IllegalStateException if this handle was closed
     */
    public byte[] read(MemoryRange range) {
        Copying.requireArraySize(range);
        byte[] bytes = new byte[(int) range.byteSize()];
        Copying.requireComplete(read(range, MemorySegment.ofArray(bytes)), pid());
        return bytes;
    }

    /**
     * Copies a range of the memory of the process into memory of this one.
     *
     * {@snippet file="Copying.java" region="outcome"}
     *
     * <p>The kernel copies page by page. What it does not reach is left out and named, and what is behind it is copied. The
     * process is not stopped: what it writes meanwhile may arrive in part. Reading brings pages in, from swap too.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to attach to the process, which is more than the right to read its
     * mappings. Kernel: Linux 3.2. Source: {@code process_vm_readv(2)}, {@code mm/process_vm_access.c}. The kernel takes the
     * process by its number: what was read counts only if the process is found alive afterwards through its pidfd, and is
     * overwritten with zeros if not, because it might be a stranger's.
     *
     * @param range any range of addresses; it need not consist of whole pages
     * @param target as many bytes, native or on the Java heap; it must stay open until this returns
     * @return what was copied; what was not is left as it was in the target
     * @throws IllegalArgumentException if the range is not in user space, or the segment is of another size, read-only,
     *     closed, belongs to another thread, or maps a file that has become shorter
     * @throws PermissionDeniedException if the caller may not read memory of the process
     * @throws UnsupportedKernelException if the kernel was built without CONFIG_CROSS_MEMORY_ATTACH
     * @throws IllegalStateException if this handle was closed
     */
    public CopyOutcome read(MemoryRange range, MemorySegment target) {
        return read(List.of(range), target);
    }

    /**
     * The same as {@link #read(MemoryRange, MemorySegment)} for several ranges, up to 1024 of them with one call.
     *
     * @param ranges any ranges of addresses, in any order
     * @param target as many bytes as the ranges have together, which are copied to it one after the other
     * @return what was copied; what was not is left as it was in the target
     * @throws IllegalArgumentException if there is no range or one is not in user space, or the segment is of another size,
     *     read-only, closed, belongs to another thread, or maps a file that has become shorter
     * @throws PermissionDeniedException if the caller may not read memory of the process
     * @throws UnsupportedKernelException if the kernel was built without CONFIG_CROSS_MEMORY_ATTACH
     * @throws IllegalStateException if this handle was closed
     */
    public CopyOutcome read(List<MemoryRange> ranges, MemorySegment target) {
        Copying.requireWritable(target);
        List<MemoryRange> checked = Copying.checked(ranges, target);
        return copy(new CopyEvent(pid(), false), copying -> copying.read(checked, target));
    }

    /**
     * Writes bytes to the memory of the process, all of them.
     *
     * {@snippet file="Copying.java" region="bytes"}
     *
     * <p>See {@link #write(long, MemorySegment)} for what that takes, and for how to write what can be written.
     *
     * @param address where to begin
     * @param bytes what to write, at least one
     * @throws IncompleteCopyException if some could not be written, such as a hole; what could be was
     * @throws IllegalArgumentException if there are no bytes, or they would not be in user space
     * @throws NoSuchProcessException if the process has ended
     * @throws PermissionDeniedException if the caller may not write memory of the process
     * @throws IllegalStateException if this handle was closed
     */
    public void write(long address, byte[] bytes) {
        Copying.requireComplete(write(address, MemorySegment.ofArray(bytes)), pid());
    }

    /**
     * Copies memory of this process to the process.
     *
     * <p>Only what the process itself may write is written. The kernel copies page by page; what it does not reach is left out
     * and named, and what is behind it is written. The process is not stopped, and may see a part of what is written.
     *
     * <p>Privileges: the right that {@code ptrace(2)} has to attach to the process. Kernel: Linux 3.2. Source: {@code
     * process_vm_writev(2)}, {@code ptrace(2)}, {@code proc_pid_mem(5)}. The kernel takes the process by its number. So that
     * this can be nobody else's, a thread of the process is traced meanwhile, which does not stop it; a signal for that thread
     * may wait for some 20 ms. Where it cannot be traced, because a debugger does so or it is a child of this JVM with a
     * single thread, {@code /proc/PID/mem} is written, which belongs to the memory, not to the number. That asks the
     * mappings what the process may write, so a page that it protects at that very moment is written yet.
     *
     * @param address where to begin
     * @param source what to write, at least one byte, native or on the Java heap; it must stay open until this returns
     * @return what was written
     * @throws IllegalArgumentException if there are no bytes or they would not be in user space, or the segment is closed,
     *     belongs to another thread, or maps a file that has become shorter
     * @throws PermissionDeniedException if the caller may not write memory of the process
     * @throws IllegalStateException if this handle was closed
     */
    public CopyOutcome write(long address, MemorySegment source) {
        return write(List.of(Copying.rangeOf(address, source.byteSize())), source);
    }

    /**
     * The same as {@link #write(long, MemorySegment)} for several ranges, up to 1024 of them with one call.
     *
     * @param ranges any ranges of addresses, in any order
     * @param source as many bytes as the ranges have together, which are copied from it one after the other
     * @return what was written
     * @throws IllegalArgumentException if there is no range or one is not in user space, or the segment is of another size,
     *     closed, belongs to another thread, or maps a file that has become shorter
     * @throws PermissionDeniedException if the caller may not write memory of the process
     * @throws IllegalStateException if this handle was closed
     */
    public CopyOutcome write(List<MemoryRange> ranges, MemorySegment source) {
        List<MemoryRange> checked = Copying.checked(ranges, source);
        return copy(new CopyEvent(pid(), true), copying -> copying.write(checked, source));
    }

    private CopyOutcome copy(CopyEvent event, Function<Copying, CopyOutcome> how) {
        return event.watch(
                () -> process.lend(
                        () -> how.apply(new Copying(process.kernel(), process.pinned(), process.pageSize())),
                        failure -> Failures.copying(process.rights(), failure)),
                event::fill);
    }

    /**
     * Does something while the process stands still, so that what the action sees cannot change before it acts on it. The
     * action runs in the calling thread and gets this handle; every verb can be used.
     *
     * {@snippet file="Freezing.java" region="frozen"}
     *
     * <p>The method is {@link FreezeMethod#PTRACE}, which falls away by itself when this JVM ends; for a child of this JVM
     * {@link FreezeMethod#SIGSTOP}. All else is as with {@link #whileFrozen(Duration, FreezeMethod, Function)}.
     *
     * @param <T> what the action returns
     * @param limit the longest time that the process stands still, positive
     * @param action what is to be done
     * @return what the action returned, or why it was not begun
     * @throws IllegalArgumentException if the limit is not positive
     * @throws UnsupportedOperationException if it is the calling process, a parent of it or of a parent, or its tracer
     * @throws PermissionDeniedException if the caller may not do this to the process; the action was not begun
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give
     * @throws IllegalStateException if this handle was closed
     */
    public <T extends @Nullable Object> FrozenOutcome<T> whileFrozen(
            Duration limit, Function<? super RemoteMemory, ? extends T> action) {
        return freeze(limit, action, Freezing::run);
    }

    /**
     * Does something while the process stands still, by a method of the caller's choice.
     *
     * <p>The limit counts from the first request to stand still until the process runs on; what is found out or started
     * before that does not count. When it is over, the process runs again, whether or not it has come to stand still
     * ({@link FrozenOutcome.NotFrozen}) and whether or not the action has ended ({@link FrozenOutcome.TimedOut}); an action
     * is never cut short. A call that {@code place} has begun in the process, or one portion of a {@code write}, is not cut
     * short either: the process stands still until that has returned. An interrupt of the calling thread does not end the
     * freeze: it is for the action to see.
     *
     * <p>It is always undone: when the action throws, in which case that is thrown on; when the limit is over; at {@link
     * System#exit}; and when this JVM is killed. Ptrace stops fall away then. For the other methods a watcher, a small JVM,
     * is started before the first freeze, and ends half a minute after the last. A process that was stopped or frozen before
     * stays so; what somebody else does by the same means while it lasts, is undone with it.
     *
     * <p>One freeze at a time: while it lasts, another one of the same process in this JVM is {@link
     * FreezeObstacle#HELD_ALREADY}, also if the action itself asks for it. Processes that share its memory run on.
     *
     * <p>Privileges, first kernels, and what the process notices: see {@link FreezeMethod}.
     *
     * @param <T> what the action returns
     * @param limit the longest time that the process stands still, positive
     * @param method how it is made to stand still
     * @param action what is to be done
     * @return what the action returned, or why it was not begun
     * @throws IllegalArgumentException if the limit is not positive
     * @throws UnsupportedOperationException if it is the calling process, a parent of it or of a parent, or its tracer
     * @throws PermissionDeniedException if the caller may not do this to the process; the action was not begun
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give
     * @throws IllegalStateException if this handle was closed
     */
    public <T extends @Nullable Object> FrozenOutcome<T> whileFrozen(
            Duration limit, FreezeMethod method, Function<? super RemoteMemory, ? extends T> action) {
        Objects.requireNonNull(method, "method");
        return freeze(limit, action, (freezing, supplier) -> freezing.run(method, supplier));
    }

    private <T extends @Nullable Object> FrozenOutcome<T> freeze(
            Duration limit,
            Function<? super RemoteMemory, ? extends T> action,
            BiFunction<Freezing, Supplier<T>, FrozenOutcome<T>> how) {
        Objects.requireNonNull(action, "action");
        Freezing.requireLimit(limit);
        return process.lend(() -> {
            var freezing = new Freezing(process.kernel(), process.pinned(), limit);
            var event = new FreezeEvent(pid());
            return event.watch(() -> how.apply(freezing, () -> action.apply(this)), event::fill);
        });
    }

    /**
     * Ends the process, and has the kernel free its memory at once and in the caller's time: SIGKILL, directly followed
     * by {@code process_mrelease}. This is what a daemon that needs the memory back now wants.
     *
     * {@snippet file="Ending.java" region="release"}
     *
     * <p>Once a killed process runs, it lets go of its memory within microseconds, and then there is nothing left to free
     * from outside. So for these two calls the calling thread becomes a real-time thread ({@code SCHED_FIFO}, lowest
     * priority), which takes CAP_SYS_NICE or an {@code RLIMIT_RTPRIO} of 1, and a platform thread. Without that, it often
     * is the process itself that frees the memory, and the outcome says so. How often: see the guide.
     *
     * <p>Privileges: those of {@link #kill()}. Without the right that {@code ptrace(2)} has to read the process, an exit by
     * itself is {@link ReleaseOutcome.Unverified}. Kernel: Linux 5.15; before, the process frees its memory by itself. Source:
     * {@code pidfd_send_signal(2)}, {@code mm/oom_kill.c}.
     *
     * @return what became of the memory, within ten seconds
     * @throws PermissionDeniedException if the caller may not signal the process
     * @throws UnsupportedOperationException if it is the calling process, or the first of this pid namespace
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give; the process may
     *     have been killed
     * @throws IllegalStateException if this handle was closed
     */
    public ReleaseOutcome killAndRelease() {
        return killAndRelease(Ending.USUAL_LIMIT);
    }

    /**
     * The same as {@link #killAndRelease()} within a limit of time.
     *
     * @param limit how long to try to get the memory back, not negative; zero tries once. The process is killed in any
     *     case, and a call that is freeing memory is not cut short
     * @return what became of the memory
     * @throws IllegalArgumentException if the limit is negative; nothing was sent
     * @throws PermissionDeniedException if the caller may not signal the process
     * @throws UnsupportedOperationException if it is the calling process, or the first of this pid namespace
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give; the process may
     *     have been killed
     * @throws IllegalStateException if this handle was closed
     */
    public ReleaseOutcome killAndRelease(Duration limit) {
        Ending.requireLimit(limit);
        return release(ending -> ending.killAndRelease(limit));
    }

    /**
     * Sends SIGKILL to the process, and to no other. That cannot be undone. A process that has ended already is no error:
     * the release says so.
     *
     * <p>To get the memory back as soon as possible, use {@link #killAndRelease()}: between this call and {@link
     * DyingProcess#releaseMemory()} the process usually runs, and then it frees its memory by itself.
     *
     * <p>Privileges: the real or effective user of the caller is the real or saved one of the process, or CAP_KILL in its
     * user namespace; for a process in a child pid namespace too. Kernel: Linux 5.3. Source: {@code pidfd_send_signal(2)},
     * {@code kill(2)}.
     *
     * @return the dying process, whose memory can be released
     * @throws PermissionDeniedException if the caller may not signal the process
     * @throws UnsupportedOperationException if it is the calling process, or the first of this pid namespace
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give; the process may
     *     have been killed
     * @throws IllegalStateException if this handle was closed
     */
    public DyingProcess kill() {
        return new KillEvent(pid())
                .watch(
                        () -> end(ending -> {
                            ending.kill();
                            return new DyingProcess(ending);
                        }),
                        _ -> {});
    }

    /**
     * Asks the process to end by itself: SIGTERM. If it has not when the grace is over, it is killed and its memory
     * released as by {@link #killAndRelease()}. Memory is never released from a process that was only asked.
     *
     * <p>A stopped process cannot answer and uses up its grace. When the calling thread is interrupted during the grace,
     * the process is not killed; the outcome is {@link ReleaseOutcome.TimedOut}.
     *
     * @param grace how long the process may take, not negative
     * @return what became of the memory; {@link ReleaseOutcome.ReleasedByExit} if SIGTERM sufficed, but see {@link
     *     #killAndRelease()} for the right it takes to see that
     * @throws IllegalArgumentException if the grace is negative; nothing was sent
     * @throws PermissionDeniedException if the caller may not signal the process
     * @throws UnsupportedOperationException if it is the calling process, or the first of this pid namespace
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give; the process may
     *     have been killed
     * @throws IllegalStateException if this handle was closed
     */
    public ReleaseOutcome terminate(Duration grace) {
        Ending.requireLimit(grace);
        return release(ending -> ending.terminate(grace, Ending.USUAL_LIMIT));
    }

    private ReleaseOutcome release(Function<Ending, ReleaseOutcome> how) {
        var event = new ReleaseEvent(pid());
        return event.watch(
                () -> end(ending -> {
                    try (ending) {
                        return how.apply(ending);
                    }
                }),
                event::fill);
    }

    private <T> T end(Function<Ending, T> how) {
        Ending.requireOther(process.kernel(), pid());
        return process.lend(
                () -> how.apply(Ending.prepare(process.kernel(), process.pinned(), process.pageSize())),
                Failures::other);
    }

    /**
     * Tells when the process ends, however it does: all its threads have. One thread waits for any number of processes.
     * Each waiting future holds one file descriptor until it completes or is cancelled, also when this handle is closed.
     *
     * <p>Privileges: none. Kernel: Linux 5.3 for the end; for how it ended, see {@link ExitStatus.Unknown}. It works beside
     * Java's own waiting for its child processes, and leaves the exit status to be collected by the parent.
     *
     * @return a new future. What depends on it runs on a virtual thread of the future's own; what is added to it when it
     *     is complete already, on the thread that adds it; and what is left when it is cancelled, on the one that cancels
     * @throws SyscallFailedException if there are too many open files
     * @throws IllegalStateException if this handle was closed
     */
    public CompletableFuture<ExitStatus> onExit() {
        return process.lend(() -> Exits.of(process.pinned().pidFd()), Failures::other);
    }

    /**
     * Waits until the process has ended, at most as long as the limit says.
     *
     * @param limit how long to wait, not negative; zero just looks, and then the status may be {@link
     *     ExitStatus.Unknown} for the moment until the parent has collected it
     * @return how it ended; empty if it has not
     * @throws InterruptedException if the calling thread is interrupted while it waits
     * @throws IllegalArgumentException if the limit is negative
     * @throws SyscallFailedException if the kernel answers with an error that it is not known to give
     * @throws IllegalStateException if this handle was closed
     */
    public Optional<ExitStatus> awaitExit(Duration limit) throws InterruptedException {
        Ending.requireLimit(limit);
        PinnedProcess pinned = process.pinned();
        pinned.borrow();
        try {
            Deadline deadline = Deadline.in(limit);
            return pinned.pidFd().awaitExit(limit)
                    ? Optional.of(Exits.statusOf(pinned.pidFd(), deadline))
                    : Optional.empty();
        } catch (ErrnoException failure) {
            throw Failures.other(failure);
        } finally {
            pinned.giveBack();
        }
    }

    /** Gives the handle back. The process is not affected. Closing twice does nothing. */
    @Override
    public void close() {
        process.pinned().close();
    }

    /** {@return the number and the command of the process} */
    @Override
    public String toString() {
        return "memory of process " + pid() + " ("
                + Printable.of(process.pinned().command()) + ")";
    }
}
