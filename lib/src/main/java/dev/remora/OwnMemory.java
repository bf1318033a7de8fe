package dev.remora;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.process.NotPinnedException;
import dev.remora.process.PinnedProcess;
import dev.remora.procfs.RangeList;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.OwnProcess;
import dev.remora.syscall.PageSize;
import dev.remora.text.Printable;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;

/**
 * Native memory of this process itself.
 *
 * {@snippet file="Placing.java" region="own"}
 *
 * <p>It is a value that holds nothing but the segments. These have to be alive, and accessible to the calling thread, when
 * a method is called. Memory on the Java heap is moved by the garbage collector, and cannot be looked after in this way.
 */
@CheckReturnValue
public final class OwnMemory {

    private final Kernel kernel;
    private final long pageSize;
    private final List<MemorySegment> segments;
    private final RangeList ranges;

    private OwnMemory(Kernel kernel, List<MemorySegment> segments) {
        this.kernel = kernel;
        this.segments = segments;
        pageSize = PageSize.of(kernel);
        ranges = RangeSelection.checked(
                segments.stream()
                        .map(segment -> MemoryRange.of(segment.address(), segment.byteSize()))
                        .toList(),
                pageSize);
    }

    /**
     * Selects native memory of this process.
     *
     * @param segments one or more native segments of whole pages: {@code arena.allocate(byteSize, pageSize)}, or mapped
     *     files
     * @return the memory
     * @throws IllegalArgumentException if there is no segment, or one is on the Java heap, empty, or not made of whole pages
     * @throws UnsupportedOperationException if this is not Linux on x86-64 or AArch64
     * @throws IllegalCallerException if Java denies native access; the message names the flag that grants it
     */
    public static OwnMemory of(MemorySegment... segments) {
        return of(LinuxKernel.instance(), List.of(segments));
    }

    static OwnMemory of(Kernel kernel, List<MemorySegment> segments) {
        for (MemorySegment segment : segments) {
            if (!segment.isNative()) {
                throw new IllegalArgumentException("A segment of " + ByteSize.format(segment.byteSize())
                        + " is on the Java heap, where the garbage collector moves it: allocate native memory"
                        + " with an Arena");
            }
            if (segment.byteSize() == 0) {
                throw new IllegalArgumentException("A segment is empty: reinterpret it with the size that it has");
            }
        }
        return new OwnMemory(kernel, segments);
    }

    /**
     * Sets the memory policy, and moves pages accordingly: {@link #place(Placement)} with {@link
     * Placement#of(MemoryPolicy)}.
     *
     * @param policy from which nodes the kernel is to take memory
     * @return what became of each segment
     * @throws IllegalArgumentException if the policy names nodes that this process cannot have memory on
     * @throws UnsupportedKernelException if this kernel does not know the policy, or was built without NUMA
     * @throws RemoteMemoryException if nothing could be done for another reason
     * @throws IllegalStateException if a segment is no longer alive
     */
    public PlacementOutcome place(MemoryPolicy policy) {
        return place(Placement.of(policy));
    }

    /**
     * Sets the memory policy. A home node of the policy is set as well.
     *
     * <p>Privileges: none; {@link Placement.Pages#MOVE_SHARED_TOO} takes CAP_SYS_NICE. Kernel: that of the policy. Source:
     * {@code mbind(2)}, {@code set_mempolicy_home_node(2)}, {@code mm/mempolicy.c}.
     *
     * @param placement the policy, and what becomes of pages that are there
     * @return what became of each segment
     * @throws IllegalArgumentException if the policy names nodes that do not exist, have no memory, or that the cpuset of
     *     this process does not allow
     * @throws UnsupportedKernelException if this kernel does not know the policy, or was built without NUMA
     * @throws PermissionDeniedException if shared pages are to be moved without CAP_SYS_NICE
     * @throws RemoteMemoryException if nothing could be done for another reason
     * @throws IllegalStateException if a segment is no longer alive
     * @throws WrongThreadException if a segment belongs to another thread
     */
    public PlacementOutcome place(Placement placement) {
        segments.forEach(OwnMemory::requireAccess);
        int pid = new OwnProcess(kernel).pid();
        var event = new PlaceEvent(pid);
        return event.watch(() -> place(placement, pid), event::fill);
    }

    private PlacementOutcome place(Placement placement, int pid) {
        try (PinnedProcess self = PinnedProcess.open(kernel, pid)) {
            return new Placing(kernel, self, pageSize, placement).ofOwn(ranges);
        } catch (ErrnoException failure) {
            throw Failures.placingOwn(kernel, placement.pages() == Placement.Pages.MOVE_SHARED_TOO, failure);
        } catch (NotPinnedException impossible) {
            throw Failures.opening(pid, impossible);
        } finally {
            Reference.reachabilityFence(segments);
        }
    }

    private static void requireAccess(MemorySegment segment) {
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("A segment is no longer alive: its arena was closed");
        }
        if (!segment.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("A segment belongs to another thread: use a shared arena");
        }
    }

    /**
     * {@return the memory policy of the mapping at an address of this process} The memory is not touched. What the kernel
     * does not tell is the home node.
     *
     * <p>Privileges: none. Source: {@code get_mempolicy(2)} with {@code MPOL_F_ADDR}.
     *
     * @param address any address in the mapping, as {@link MemorySegment#address()}
     * @throws IllegalArgumentException if nothing is mapped there
     * @throws UnsupportedKernelException if the kernel was built without NUMA
     * @throws IllegalStateException if the kernel has a policy that this version of Remora does not know
     */
    public static MemoryPolicy policyAt(long address) {
        return policyAt(LinuxKernel.instance(), address);
    }

    static MemoryPolicy policyAt(Kernel kernel, long address) {
        try {
            MemoryPolicies.Found found = MemoryPolicies.at(kernel, address);
            return MemoryPolicy.of(found.mode(), NodeSet.ofLongArray(found.nodes()));
        } catch (ErrnoException failure) {
            if (failure.errno() == Linux.EFAULT()) {
                throw new IllegalArgumentException("Nothing is mapped at 0x" + Long.toHexString(address), failure);
            }
            throw Failures.placingOwn(kernel, false, failure);
        }
    }

    /** {@return what is selected, in one line} */
    @Override
    public String toString() {
        return Printable.count(ranges.size(), "segment") + ", " + ByteSize.format(ranges.totalBytes())
                + " of this process";
    }
}
