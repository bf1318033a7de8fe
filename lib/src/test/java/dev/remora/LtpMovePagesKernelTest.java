package dev.remora;

import static dev.remora.addressspace.ByteSize.MiB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.numa.MemoryPolicy;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.preconditions.KernelVersion;
import dev.remora.preconditions.RequiresNumaNodes;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.Skip;
import dev.remora.preconditions.WithoutNumaBalancing;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MovePages;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the Linux Test Project asks of {@code move_pages(2)} (its cases {@code move_pages01} to {@code move_pages12}), asked
 * again of Remora; none of its code is here. What the API rejects by itself is asked of the kernel too, by the call that
 * the API spares.
 *
 * <p>Left out: {@code move_pages08}, which LTP has removed with the limit on the number of pages (E2BIG), and the second
 * half of {@code move_pages12}, which takes memory out of service while it moves ({@code MADV_SOFT_OFFLINE}) and would
 * leave a machine with less of it.
 */
@Tag("kernel")
@ExtendWith(WithoutNumaBalancing.class)
final class LtpMovePagesKernelTest {

    private static final NumaTopology HOST = NumaTopology.ofThisHost();
    private static final int NEAR = HOST.nodesWithMemory().stream().min().orElseThrow();
    private static final int FAR = HOST.nodesWithMemory().highest().orElseThrow();
    private static final int NOWHERE = HOST.onlineNodes().highest().orElseThrow() + 1;
    private static final NodeSet TO_NEAR = NodeSet.of(NEAR);
    private static final NodeSet TO_FAR = NodeSet.of(FAR);
    private static final long PAGE = OwnMapping.PAGE;

    /** One more than any process can have ({@code PID_MAX_LIMIT}). */
    private static final int NOBODY = (1 << 22) + 1;

    private static final int SELF = (int) ProcessHandle.current().pid();

    private final Kernel kernel = LinuxKernel.instance();

    /** Two pages on the near node. */
    private static OwnMapping onNear() {
        OwnMapping mapping = OwnMapping.of(2 * PAGE);
        assertThat(mapping.memory().place(MemoryPolicy.bind(TO_NEAR)).complete())
                .isTrue();
        mapping.touch();
        return mapping;
    }

    private MovePages pages(OwnMapping mapping, int number, int node, Arena arena) {
        var pages = new MovePages(kernel, number, arena);
        for (int i = 0; i < number; i++) {
            pages.add(mapping.page(i), node);
        }
        return pages;
    }

    /** move_pages01: pages on several nodes are told to be there, by the other call that knows as well. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    void pagesAreToldToBeWhereTheyAre() {
        try (OwnMapping near = onNear();
                OwnMapping far = onNear();
                RemoteMemory self = RemoteMemory.open(SELF)) {
            assertThat(far.memory().place(MemoryPolicy.bind(TO_FAR)).complete()).isTrue();
            assertThat(self.ranges(near.range(), far.range()).nodes().parts())
                    .containsExactly(
                            new LocatedRange.OnNode(near.range(), NEAR), new LocatedRange.OnNode(far.range(), FAR));
            assertThat(nodeByPolicy(near.page(1))).isEqualTo(NEAR);
            assertThat(nodeByPolicy(far.page(1))).isEqualTo(FAR);
        }
    }

    private int nodeByPolicy(long address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment node = arena.allocate(ValueLayout.JAVA_INT);
            int flags = Linux.MPOL_F_NODE() | Linux.MPOL_F_ADDR();
            assertThat(kernel.call(Syscall.GET_MEMPOLICY, node.address(), 0, 0, address, flags))
                    .isZero();
            return node.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** move_pages02: pages of the caller move, can be written, and are where they went. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    void ownPagesMove() {
        try (OwnMapping mapping = onNear();
                RemoteMemory self = RemoteMemory.open(SELF)) {
            MoveOutcome outcome = self.ranges(mapping.range()).moveTo(TO_FAR);
            assertThat(outcome.pages().parts()).containsExactly(new MovedRange(mapping.range(), PageFate.MOVED));
            mapping.touch();
            assertThat(self.ranges(mapping.range()).nodes().bytesOn(FAR)).isEqualTo(2 * PAGE);
            assertThat(nodeByPolicy(mapping.page(0))).isEqualTo(FAR);
        }
    }

    /** Two processes that map the same file, so that they share its pages. */
    private static final class Sharers implements AutoCloseable {

        final Path file;
        final SandboxedProcess one = SandboxedProcess.start();
        final SandboxedProcess other = SandboxedProcess.start();
        final RemoteMemory memory = RemoteMemory.open(one.pid());
        final RemoteMemory otherMemory = RemoteMemory.open(other.pid());
        final MemoryRange range;
        final MemoryRange otherRange;

        Sharers() throws IOException {
            file = Files.createTempFile(Path.of("/dev/shm"), "remora", "");
            Files.write(file, new byte[(int) (2 * PAGE)]);
            range = one.mapFile(file);
            otherRange = other.mapFile(file);
            one.read(range);
            other.read(otherRange);
            assertThat(memory.ranges(range).moveIncludingSharedTo(TO_NEAR).complete())
                    .isTrue();
        }

        @Override
        public void close() throws IOException {
            Files.delete(file);
            memory.close();
            otherMemory.close();
            one.close();
            other.close();
        }
    }

    /** move_pages03: pages that two processes map move, for both, when that is asked for. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void sharedPagesMoveWhenThatIsAskedFor() throws IOException {
        try (Sharers sharers = new Sharers()) {
            MoveOutcome outcome = sharers.memory.ranges(sharers.range).moveIncludingSharedTo(TO_FAR);
            assertThat(outcome.pages().parts()).containsExactly(new MovedRange(sharers.range, PageFate.MOVED));
            assertThat(sharers.otherMemory.ranges(sharers.otherRange).nodes().bytesOn(FAR))
                    .isEqualTo(2 * PAGE);
        }
    }

    /** move_pages05: they stay when it is not (EACCES), and pages of one process move beside them. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void sharedPagesStayWhenThatIsNotAskedFor() throws IOException {
        try (Sharers sharers = new Sharers();
                Arena arena = Arena.ofConfined()) {
            MemoryRange alone = sharers.one.map(PAGE);
            sharers.one.touch(alone);
            assertThat(sharers.memory.ranges(alone).moveTo(TO_NEAR).complete()).isTrue();
            MoveOutcome outcome = sharers.memory.ranges(sharers.range, alone).moveTo(TO_FAR);
            assertThat(outcome).isInstanceOf(MoveOutcome.Partial.class);
            assertThat(outcome.pages().parts())
                    .containsExactlyInAnyOrder(
                            new MovedRange(sharers.range, PageFate.SHARED), new MovedRange(alone, PageFate.MOVED));
            var page = new MovePages(kernel, 1, arena);
            page.add(sharers.range.address(), FAR);
            assertThat(page.move((int) sharers.one.pid(), false)).isNotNegative();
            assertThat(page.status(0)).isEqualTo(-Linux.EACCES());
        }
    }

    /**
     * move_pages04: a page that was never touched (ENOENT, before Linux 6.12 EFAULT), one that was read only and nothing
     * at all (EFAULT); the API tells the second from the third.
     */
    @Test
    void whatIsNotThereIsToldApart() {
        int neverTouched = KernelVersion.isAtLeast(6, 12) ? Linux.ENOENT() : Linux.EFAULT();
        try (OwnMapping mapping = OwnMapping.of(4 * PAGE);
                Arena arena = Arena.ofConfined();
                RemoteMemory self = RemoteMemory.open(SELF)) {
            mapping.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            assertThat(mapping.segment().get(ValueLayout.JAVA_BYTE, 2 * PAGE)).isZero();
            mapping.unmap(3);
            MovePages pages = pages(mapping, 4, FAR, arena);
            assertThat(pages.move(SELF, false)).isNotNegative();
            assertThat(pages.status(0)).isEqualTo(FAR);
            assertThat(pages.status(1)).isEqualTo(-neverTouched);
            assertThat(pages.status(2)).isEqualTo(-Linux.EFAULT());
            assertThat(pages.status(3)).isEqualTo(-Linux.EFAULT());
            MoveOutcome outcome = self.ranges(mapping.range()).moveTo(TO_FAR);
            assertThat(outcome.pages().parts())
                    .containsExactly(
                            new MovedRange(part(mapping, 0, 1), PageFate.ALREADY_THERE),
                            new MovedRange(part(mapping, 1, 2), PageFate.NOT_PRESENT),
                            new MovedRange(part(mapping, 3, 1), PageFate.UNMAPPED));
            assertThat(self.ranges(mapping.range()).nodes().parts())
                    .containsExactly(
                            new LocatedRange.OnNode(part(mapping, 0, 1), FAR),
                            new LocatedRange.NotPresent(part(mapping, 1, 2)),
                            new LocatedRange.Unmapped(part(mapping, 3, 1)));
        }
    }

    private static MemoryRange part(OwnMapping mapping, int page, int pages) {
        return MemoryRange.of(mapping.page(page), pages * PAGE);
    }

    /** move_pages06: a node that there is not (ENODEV). */
    @Test
    void aNodeThatDoesNotExistIsRefused() {
        try (OwnMapping mapping = onNear();
                Arena arena = Arena.ofConfined();
                RemoteMemory self = RemoteMemory.open(SELF)) {
            assertThat(pages(mapping, 2, NOWHERE, arena).move(SELF, false)).isEqualTo(-Linux.ENODEV());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> self.ranges(mapping.range()).moveTo(NodeSet.of(NOWHERE)))
                    .withMessageContaining("no node " + NOWHERE);
        }
    }

    /** move_pages07: a process that there is not (ESRCH), because nobody has the number or not any more. */
    @Test
    void aProcessThatDoesNotExistIsNotFound() throws IOException, InterruptedException {
        Process gone = new ProcessBuilder("true").start();
        assertThat(gone.waitFor()).isZero();
        try (OwnMapping mapping = onNear();
                Arena arena = Arena.ofConfined()) {
            MovePages pages = pages(mapping, 2, FAR, arena);
            assertThat(pages.move(NOBODY, false)).isEqualTo(-Linux.ESRCH());
            assertThat(pages.move((int) gone.pid(), false)).isEqualTo(-Linux.ESRCH());
        }
        assertThatExceptionOfType(NoSuchProcessException.class)
                .isThrownBy(() -> RemoteMemory.open(NOBODY).close());
    }

    /** move_pages07: the same for a process that was there when it was opened. */
    @Test
    void aProcessThatHasEndedIsGone() {
        SandboxedProcess child = SandboxedProcess.start();
        try (RemoteMemory memory = RemoteMemory.open(child.pid())) {
            MemoryRange range = child.map(PAGE);
            child.touch(range);
            child.close();
            assertThat(memory.ranges(range).moveTo(TO_FAR)).isInstanceOf(MoveOutcome.ProcessGone.class);
        } finally {
            child.close();
        }
    }

    /** move_pages09: pages that are there already; the kernel finds that in order. */
    @Test
    void pagesThatAreThereAlreadyAreNoFailure() {
        try (OwnMapping mapping = onNear();
                Arena arena = Arena.ofConfined();
                RemoteMemory self = RemoteMemory.open(SELF)) {
            MovePages pages = pages(mapping, 2, NEAR, arena);
            assertThat(pages.move(SELF, false)).isZero();
            assertThat(pages.status(0)).isEqualTo(NEAR);
            assertThat(pages.status(1)).isEqualTo(NEAR);
            MoveOutcome outcome = self.ranges(mapping.range()).moveTo(TO_NEAR);
            assertThat(outcome).isInstanceOf(MoveOutcome.Complete.class);
            assertThat(outcome.pages().bytes(PageFate.ALREADY_THERE)).isEqualTo(2 * PAGE);
        }
    }

    /** move_pages10: a flag of another call; there is no way to say it in the API. */
    @Test
    void flagsOfOtherCallsAreInvalid() {
        try (OwnMapping mapping = onNear();
                Arena arena = Arena.ofConfined()) {
            MemorySegment page = arena.allocateFrom(ValueLayout.JAVA_LONG, mapping.address());
            MemorySegment node = arena.allocateFrom(ValueLayout.JAVA_INT, NEAR);
            MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
            for (int flags : new int[] {Linux.MPOL_MF_MOVE(), Linux.MPOL_MF_STRICT()}) {
                long result = kernel.call(
                        Syscall.MOVE_PAGES, SELF, 1, page.address(), node.address(), status.address(), flags);
                assertThat(result).isEqualTo(flags == Linux.MPOL_MF_MOVE() ? 0 : -Linux.EINVAL());
            }
        }
    }

    /** Moves pages without CAP_SYS_NICE, and says what came of it: a page of its own, and where there are nodes, a child's. */
    static final class Caller {

        private Caller() {}

        public static void main(String[] arguments) {
            NodeSet nodes = NumaTopology.ofThisHost().nodesWithMemory();
            moveOfOwn(nodes.highest().orElseThrow());
            if (nodes.size() > 1) {
                moveOfChild(nodes);
            }
        }

        private static void moveOfOwn(int node) {
            int self = (int) ProcessHandle.current().pid();
            try (OwnMapping mapping = OwnMapping.of(OwnMapping.PAGE);
                    Arena arena = Arena.ofConfined()) {
                mapping.touch();
                var pages = new MovePages(LinuxKernel.instance(), 1, arena);
                pages.add(mapping.address(), node);
                System.out.println("all: " + pages.move(self, true));
                System.out.println("own: " + pages.move(self, false));
            }
        }

        private static void moveOfChild(NodeSet nodes) {
            try (SandboxedProcess child = SandboxedProcess.start();
                    RemoteMemory memory = RemoteMemory.open(child.pid())) {
                MemoryRange range = child.map(OwnMapping.PAGE);
                child.touch(range);
                NodeSet elsewhere = nodes.without(memory.ranges(range).nodes().nodes());
                try {
                    System.out.println(memory.ranges(range).moveIncludingSharedTo(elsewhere));
                } catch (PermissionDeniedException denied) {
                    System.out.println("denied " + denied.getMessage());
                }
                System.out.println(
                        "moved " + memory.ranges(range).moveTo(elsewhere).movedBytes());
            }
        }
    }

    /** move_pages11: moving what others map too takes CAP_SYS_NICE (EPERM), even for memory of the caller. */
    @Test
    @RequiresRightToAdvise
    void movingSharedPagesTakesARight() throws IOException, InterruptedException {
        assertThat(FewerRights.run(Caller.class)).startsWith("all: " + -Linux.EPERM() + "\nown: 0\n");
    }

    /** move_pages11, with pages of a child that nobody else maps: asking to move such pages too is enough. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void theRightThatIsMissingIsNamed() throws IOException, InterruptedException {
        assertThat(FewerRights.run(Caller.class))
                .containsPattern("denied move_pages.*EPERM.*CAP_SYS_NICE")
                .contains("moved " + PAGE);
    }

    /** move_pages12: huge pages of a pool that are mapped, written and unmapped all the time, while others move them. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void hugetlbPagesThatComeAndGoAreMoved() throws IOException {
        Path pool = Path.of("/proc/sys/vm/nr_hugepages");
        String before = Files.readAllLines(pool).getFirst();
        Files.writeString(pool, Integer.toString(Integer.parseInt(before) + 8));
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            Skip.unless(hugePages(child).isPresent(), "no huge pages of 2 MiB can be had");
            var current = new AtomicReference<>(child.map(PAGE));
            var done = new AtomicBoolean();
            var moved = new AtomicLong();
            CompletableFuture<Void> mover =
                    CompletableFuture.runAsync(() -> moveToAndFro(memory, current, moved, done));
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            try {
                for (int i = 0; (i < 300 || moved.get() == 0) && !mover.isDone() && System.nanoTime() < deadline; i++) {
                    hugePages(child).ifPresent(range -> {
                        current.set(range);
                        child.touch(range);
                        child.read(range);
                        child.unmap(range);
                    });
                }
            } finally {
                done.set(true);
            }
            mover.join();
            assertThat(moved.get()).as("bytes that moved").isPositive();
            assertThat(child.handle().isAlive()).isTrue();
        } finally {
            Files.writeString(pool, before);
        }
    }

    /** Two huge pages; none while too many of the pool are on the move. */
    private static Optional<MemoryRange> hugePages(SandboxedProcess child) {
        try {
            return Optional.of(child.mapHugetlb(4 * MiB));
        } catch (SyscallFailedException failure) {
            assertThat(failure.errno()).isEqualTo(Linux.ENOMEM());
            return Optional.empty();
        }
    }

    private static void moveToAndFro(
            RemoteMemory memory, AtomicReference<MemoryRange> range, AtomicLong moved, AtomicBoolean done) {
        while (!done.get()) {
            for (NodeSet to : List.of(TO_FAR, TO_NEAR)) {
                moved.addAndGet(
                        memory.ranges(range.get()).moveIncludingSharedTo(to).movedBytes());
            }
        }
    }
}
