package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.remora.addressspace.MemoryRange;
import dev.remora.bindings.Linux;
import dev.remora.jvm.OtherJvm;
import dev.remora.numa.NodeSet;
import dev.remora.numa.NumaTopology;
import dev.remora.preconditions.RequiresNumaNodes;
import dev.remora.preconditions.RequiresRightToAdvise;
import dev.remora.preconditions.Skip;
import dev.remora.preconditions.WithoutNumaBalancing;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.MemoryPolicies;
import dev.remora.syscall.MovePages;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the Linux Test Project asks of {@code migrate_pages(2)} (its cases {@code migrate_pages01} to {@code
 * migrate_pages03}), asked again of Remora; none of its code is here. What the API rejects by itself is asked of the kernel
 * too, by the call that the API spares.
 *
 * <p>Done in another way: who lacks a right is a JVM that root runs without CAP_SYS_NICE and CAP_SYS_PTRACE, because the
 * user {@code nobody} could not read the classes; and the merged pages of {@code migrate_pages03} are migrated by somebody
 * who has the right, because without it pages that are mapped several times stay, and nothing would happen.
 */
@Tag("kernel")
@ExtendWith(WithoutNumaBalancing.class)
final class LtpMigratePagesKernelTest {

    private static final NumaTopology HOST = NumaTopology.ofThisHost();
    private static final NodeSet NEAR =
            NodeSet.of(HOST.nodesWithMemory().stream().min().orElseThrow());
    private static final NodeSet FAR =
            NodeSet.of(HOST.nodesWithMemory().highest().orElseThrow());
    private static final NodeSet NOWHERE =
            NodeSet.of(HOST.onlineNodes().highest().orElseThrow() + 1);
    private static final long PAGE = OwnMapping.PAGE;
    private static final int SELF = 0;

    /** One more than any process can have ({@code PID_MAX_LIMIT}). */
    private static final int NOBODY = (1 << 22) + 1;

    private final Kernel kernel = LinuxKernel.instance();

    private static int number(NodeSet node) {
        return node.highest().orElseThrow();
    }

    private long migrate(int pid, NodeSet to) {
        return MovePages.migrate(kernel, pid, NEAR.toLongArray(), to.toLongArray());
    }

    private long migrate(long maskBits, long from, long to) {
        return kernel.call(Syscall.MIGRATE_PAGES, SELF, maskBits, from, to);
    }

    /** migrate_pages01: nothing is wrong. */
    @Test
    void fromANodeToItselfNothingIsLeftBehind() {
        assertThat(migrate(SELF, NEAR)).isZero();
        try (SandboxedProcess child = SandboxedProcess.start();
                RemoteMemory memory = RemoteMemory.open(child.pid())) {
            assertThat(memory.migrate(NEAR, NEAR)).isEqualTo(new MigrationOutcome.Complete(NEAR, NEAR));
        }
    }

    /** migrate_pages01: a process that there is not (ESRCH). */
    @Test
    void aProcessThatDoesNotExistIsNotFound() {
        assertThat(migrate(-1, NEAR)).isEqualTo(-Linux.ESRCH());
        assertThat(migrate(NOBODY, NEAR)).isEqualTo(-Linux.ESRCH());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RemoteMemory.open(-1).close())
                .withMessageContaining("-1 is none");
        SandboxedProcess child = SandboxedProcess.start();
        try (RemoteMemory memory = RemoteMemory.open(child.pid())) {
            child.close();
            assertThat(memory.migrate(NEAR, NEAR)).isEqualTo(new MigrationOutcome.ProcessGone(NEAR, NEAR));
        } finally {
            child.close();
        }
    }

    /** migrate_pages01: a set of nodes of more bits than there can be (EINVAL), or that cannot be read (EFAULT). */
    @Test
    void setsThatCannotBeReadAreRefused() {
        try (OwnMapping mapping = OwnMapping.of(2 * PAGE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment near = MemoryPolicies.mask(NEAR.toLongArray(), arena);
            assertThat(migrate(-1, near.address(), near.address())).isEqualTo(-Linux.EINVAL());
            assertThat(migrate(MemoryPolicies.MASK_BITS, near.address(), near.address()))
                    .isZero();
            mapping.unmap(1);
            for (long nothing : new long[] {-1, mapping.withoutAccess(), mapping.page(1)}) {
                assertThat(migrate(MemoryPolicies.MASK_BITS, nothing, nothing)).isEqualTo(-Linux.EFAULT());
            }
        }
    }

    /** migrate_pages01: a node that there is not (EINVAL; without the right to use other nodes, EPERM comes first). */
    @Test
    @RequiresRightToAdvise
    void aNodeThatDoesNotExistIsRefused() {
        assertThat(migrate(SELF, NOWHERE)).isEqualTo(-Linux.EINVAL());
        try (RemoteMemory self = RemoteMemory.open(ProcessHandle.current().pid())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> self.migrate(NEAR, NOWHERE))
                    .withMessageContaining("no node " + NOWHERE);
        }
    }

    /** Migrates a process with more rights than its own, and says what came of it. */
    static final class Stranger {

        private Stranger() {}

        public static void main(String[] arguments) {
            int pid = Integer.parseInt(arguments[0]);
            NodeSet all = NumaTopology.ofThisHost().nodesWithMemory();
            long result = MovePages.migrate(LinuxKernel.instance(), pid, all.toLongArray(), all.toLongArray());
            System.out.println("kernel: " + result);
            try (RemoteMemory memory = RemoteMemory.open(pid)) {
                System.out.println(memory.migrate(all, all));
            } catch (PermissionDeniedException denied) {
                System.out.println("denied " + denied.getMessage());
            }
        }
    }

    /** migrate_pages01: a process that the caller has no right to (EPERM). */
    @Test
    @RequiresRightToAdvise
    void aProcessWithMoreRightsIsNotForTheCaller() throws IOException, InterruptedException {
        String self = Long.toString(ProcessHandle.current().pid());
        assertThat(FewerRights.run(Stranger.class, self))
                .contains("kernel: " + -Linux.EPERM() + "\n")
                .containsPattern(
                        "denied migrate_pages.*EPERM.*capabilities that this one does not have.*CAP_SYS_PTRACE");
    }

    /** migrate_pages02: memory of the caller, there and back. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void ownMemoryMigratesThereAndBack() {
        try (OwnMapping mapping = OwnMapping.of(PAGE);
                RemoteMemory self = RemoteMemory.open(ProcessHandle.current().pid())) {
            mapping.touch();
            RangeSelection page = self.ranges(mapping.range());
            assertThat(page.moveTo(NEAR).complete()).isTrue();
            for (NodeSet to : List.of(FAR, NEAR, FAR)) {
                NodeSet from = to.equals(FAR) ? NEAR : FAR;
                MigrationOutcome outcome = self.migrate(from, to);
                assertThat(page.nodes().bytesOn(number(to)))
                        .as(outcome.toString())
                        .isEqualTo(PAGE);
            }
        }
    }

    /** Migrates a process of which another one maps a page too, and says what is where afterwards. */
    static final class Sharer {

        private Sharer() {}

        public static void main(String[] arguments) throws IOException {
            Path file = Files.createTempFile(Path.of("/dev/shm"), "remora", "");
            try (SandboxedProcess one = SandboxedProcess.start();
                    SandboxedProcess other = SandboxedProcess.start();
                    RemoteMemory memory = RemoteMemory.open(one.pid())) {
                Files.write(file, new byte[(int) OwnMapping.PAGE]);
                MemoryRange shared = one.mapFile(file);
                one.read(shared);
                other.read(other.mapFile(file));
                MemoryRange alone = one.map(OwnMapping.PAGE);
                one.touch(alone);
                migrate(memory, shared, alone);
            } finally {
                Files.delete(file);
            }
        }

        private static void migrate(RemoteMemory memory, MemoryRange shared, MemoryRange alone) {
            NodeSet from = memory.ranges(shared).nodes().nodes();
            int node = NumaTopology.ofThisHost()
                    .nodesWithMemory()
                    .without(from)
                    .highest()
                    .orElseThrow();
            System.out.println("prepared " + memory.ranges(alone).moveTo(from).complete());
            System.out.println(memory.migrate(from, NodeSet.of(node)).getClass().getSimpleName());
            System.out.println("alone " + memory.ranges(alone).nodes().bytesOn(node));
            System.out.println("shared " + memory.ranges(shared).nodes().bytesOn(node));
        }
    }

    /** migrate_pages02: without the right, memory of the same user migrates, and what others map too stays. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void sharedPagesStayWithoutTheRight() throws IOException, InterruptedException {
        assertThat(FewerRights.run(Sharer.class).lines())
                .contains("prepared true", "alone " + PAGE, "shared 0")
                .doesNotContain("ProcessGone");
    }

    /** migrate_pages02: with the right, it migrates as well. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void sharedPagesMigrateWithTheRight() throws IOException, InterruptedException {
        assertThat(OtherJvm.run(OtherJvm.line(Sharer.class)).lines())
                .contains("prepared true", "alone " + PAGE, "shared " + PAGE)
                .doesNotContain("ProcessGone");
    }

    /** migrate_pages02: with the right, memory of another user's process. */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void aProcessOfAnotherUserMigratesWithTheRight() throws IOException, InterruptedException {
        Process nobody = FewerRights.processOfNobody();
        try (RemoteMemory memory = RemoteMemory.open(nobody.pid())) {
            MappingSelection own = memory.mappings().anonymous().writable();
            assertThat(own.moveTo(NEAR).complete()).isTrue();
            long bytes = own.nodes().bytesOn(number(NEAR));
            assertThat(bytes).isPositive();
            assertThat(memory.migrate(NEAR, FAR)).isNotInstanceOf(MigrationOutcome.ProcessGone.class);
            assertThat(own.nodes().bytesOn(number(FAR))).isEqualTo(bytes);
        } finally {
            nobody.getOutputStream().close();
            nobody.waitFor();
        }
    }

    /**
     * migrate_pages03: pages that the kernel has merged because they are alike, to and fro many times. Linux 6.1 moves them,
     * 7.2 mostly does not and says so; a move that is called complete has to be one, and no byte may be lost.
     */
    @Test
    @Tag("numa")
    @RequiresNumaNodes
    @RequiresRightToAdvise
    void mergedPagesMigrateAndKeepTheirContents() throws IOException, InterruptedException {
        Path merging = Path.of("/sys/kernel/mm/ksm");
        Skip.unless(
                Files.isWritable(merging.resolve("run")), "this kernel merges no pages (CONFIG_KSM), or not for us");
        String before = Files.readString(merging.resolve("run"));
        Files.writeString(merging.resolve("run"), "1");
        try (Specimen twins = Specimen.start("twins", 20 * PAGE);
                RemoteMemory memory = RemoteMemory.open(twins.pid())) {
            long address = twins.numbers().getFirst();
            awaitMerging(merging);
            RangeSelection pages = memory.ranges(MemoryRange.of(address, 20 * PAGE));
            int moved = 0;
            for (int i = 0; i < 100; i++) {
                moved += migrateOnce(memory, pages) ? 1 : 0;
            }
            System.out.println("merged pages moved in " + moved + " of 100 attempts");
            assertThat(contents(twins.pid(), address)).isEqualTo(ones());
        } finally {
            Files.writeString(merging.resolve("run"), before);
        }
    }

    /** Returns whether the pages moved; while the kernel is looking at what it has merged, it may not move all. */
    private static boolean migrateOnce(RemoteMemory memory, RangeSelection pages) {
        NodeSet from = pages.nodes().nodes();
        NodeSet to = from.equals(NEAR) ? FAR : NEAR;
        MigrationOutcome outcome = memory.migrate(from, to);
        assertThat(outcome).isNotInstanceOf(MigrationOutcome.ProcessGone.class);
        boolean complete = outcome instanceof MigrationOutcome.Complete;
        NodeSet now = pages.nodes().nodes();
        assertThat(complete ? now.without(to) : now.without(from).without(to))
                .as(outcome.toString())
                .isEqualTo(NodeSet.empty());
        return complete;
    }

    private static void awaitMerging(Path merging) throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            if (Integer.parseInt(
                            Files.readString(merging.resolve("pages_sharing")).strip())
                    >= 19) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("nothing was merged within a minute");
    }

    private static byte[] contents(long pid, long address) throws IOException {
        try (var file = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            byte[] bytes = new byte[(int) (20 * PAGE)];
            file.seek(address);
            file.readFully(bytes);
            return bytes;
        }
    }

    private static byte[] ones() {
        byte[] bytes = new byte[(int) (20 * PAGE)];
        Arrays.fill(bytes, (byte) 1);
        return bytes;
    }
}
