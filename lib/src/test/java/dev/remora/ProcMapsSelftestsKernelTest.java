package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingKind;
import dev.remora.addressspace.MappingQuery;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the kernel's own tests of {@code /proc/PID/maps} ask ({@code tools/testing/selftests/proc}: {@code
 * proc-maps-race.c}, {@code proc-pid-vm.c}, {@code proc-empty-vm.c}), asked again of what Remora makes of it.
 */
@Tag("kernel")
final class ProcMapsSelftestsKernelTest {

    private static final int ROUNDS = 400;

    /** Something that a process does to its mappings over and over while they are read. */
    private interface Change {
        void back();

        void forth();
    }

    // proc-maps-race.c: the mappings at the border between two portions of the text

    /** Enough mappings for many portions, each with a protection other than its neighbours'. */
    private static List<MemoryRange> manyMappings(SandboxedProcess child, long page) {
        MemoryRange all = child.map(3 * 200 * page);
        List<MemoryRange> mappings = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            var range = MemoryRange.of(all.address() + 3L * i * page, 3 * page);
            child.protect(range, i % 2 == 0 ? Protection.READ : Protection.READ_WRITE);
            mappings.add(range);
        }
        return mappings;
    }

    /** Reads while another thread has the child change it; every reading shows one of the two states. */
    private static void race(RemoteMemory memory, MemoryRange area, List<String> states, Change change)
            throws InterruptedException {
        var done = new AtomicBoolean();
        var changes = new AtomicInteger();
        Thread changing = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                change.forth();
                change.back();
                changes.incrementAndGet();
            }
        });
        try {
            for (int i = 0; i < ROUNDS || changes.get() < 3; i++) {
                AddressSpace around = memory.addressSpace().overlapping(area);
                assertThat(states).as(around.toString()).contains(protections(around, area));
                assertThat(changing.isAlive()).isTrue();
            }
        } finally {
            done.set(true);
            changing.join();
        }
    }

    /** A letter for each page of the area; {@code .} for none. */
    private static String protections(AddressSpace space, MemoryRange area) {
        var letters = new StringBuilder();
        for (long address = area.address(); address < area.end(); address += 4096) {
            letters.append(space.at(address)
                    .map(mapping -> mapping.protection().writable()
                            ? "w"
                            : mapping.protection().readable() ? "r" : "-")
                    .orElse("."));
        }
        return letters.toString();
    }

    @Test
    void aMappingThatIsSplitAndJoinedIsThereWhole() throws InterruptedException {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            long page = memory.pageSize();
            Skip.unless(page == 4096, "the areas are made of pages of 4 KiB");
            MemoryRange split = manyMappings(child, page).get(101);
            var middle = MemoryRange.of(split.address() + page, page);
            race(memory, split, List.of("www", "wrw"), new Change() {
                @Override
                public void forth() {
                    child.protect(middle, Protection.READ);
                }

                @Override
                public void back() {
                    child.protect(middle, Protection.READ_WRITE);
                }
            });
        }
    }

    /** Its neighbours never vanish, whether the end of it is there or not. */
    @Test
    void aMappingThatLosesItsEndTakesNothingAlong() throws InterruptedException {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            long page = memory.pageSize();
            Skip.unless(page == 4096, "the areas are made of pages of 4 KiB");
            MemoryRange shrunk = manyMappings(child, page).get(101);
            var area = MemoryRange.of(shrunk.address() - 3 * page, 9 * page);
            var last = MemoryRange.of(shrunk.address() + 2 * page, page);
            race(memory, area, List.of("rrrwwwrrr", "rrrww-rrr"), new Change() {
                @Override
                public void forth() {
                    child.protect(last, Protection.NONE);
                }

                @Override
                public void back() {
                    child.protect(last, Protection.READ_WRITE);
                }
            });
        }
    }

    // proc-pid-vm.c, and the cases of PROCMAP_QUERY

    @Test
    void aFileIsShownWithItsNameItsOffsetAndItsInode(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[3 * 4096]);
        long inode = (Long) Files.getAttribute(file, "unix:ino");
        long device = (Long) Files.getAttribute(file, "unix:dev");
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.mapFile(file);
            child.protect(MemoryRange.of(range.address() + 4096, 4096), Protection.NONE);
            Mapping last = memory.mappingAt(range.end() - 1).orElseThrow();
            assertThat(last.fileOffset()).isEqualTo(2 * 4096);
            assertThat(last.inode()).isEqualTo(inode);
            assertThat((major(device) << 32) | minor(device)).isEqualTo(last.device());
            assertThat(last.name()).isEqualTo(file.toRealPath().toString());
            assertThat(last.shared()).isTrue();
            assertThat(memory.mappingFrom(range.address(), MappingQuery.any().readable()))
                    .map(Mapping::address)
                    .contains(range.address());
            assertThat(memory.mappingFrom(
                            range.address() + 4096, MappingQuery.any().readable()))
                    .contains(last);
        }
    }

    /** {@code gnu_dev_major} and {@code gnu_dev_minor}. */
    private static long major(long device) {
        return ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
    }

    private static long minor(long device) {
        return (device & 0xff) | ((device >>> 12) & ~0xffL);
    }

    @Test
    void nothingIsFoundBetweenMappingsAndAboveTheLast() {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            MemoryRange range = child.map(3 * ByteSize.MiB);
            var hole = MemoryRange.of(range.address() + ByteSize.MiB, ByteSize.MiB);
            child.unmap(hole);
            assertThat(memory.mappingAt(hole.address())).isEmpty();
            assertThat(memory.mappingAt(hole.end() - 1)).isEmpty();
            assertThat(memory.mappingFrom(hole.address())).map(Mapping::address).contains(hole.end());
            assertThat(memory.mappingFrom(0x7fff_ffff_f000L, MappingQuery.any().writable()))
                    .isEmpty();
            assertThat(memory.mappingFrom(-1)).isEmpty();
        }
    }

    /** It is in the list of every process on x86-64, if the kernel was told to have it, and belongs to none. */
    @Test
    void thePageInTheKernelsHalfIsFoundAsAnyOther() {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            Mapping last = memory.addressSpace().mappings().getLast();
            Skip.unless(last.name().equals("[vsyscall]"), "this kernel shows no [vsyscall]");
            assertThat(last.kind()).isEqualTo(MappingKind.KERNEL_PROVIDED);
            assertThat(memory.mappingAt(last.address())).contains(last);
            assertThat(memory.mappingFrom(last.address() - 1)).contains(last);
            assertThat(memory.mappings().named("[vsyscall]").details().stream())
                    .allMatch(use -> use.mapping().equals(last) && use.memory().residentBytes() == 0);
        }
    }

    // proc-empty-vm.c

    @Test
    void aProcessThatHasUnmappedEverythingMapsNothing() throws IOException {
        try (Specimen target = Specimen.start("empty")) {
            long pid = target.numbers().getFirst();
            Skip.unless(pid != 0, "no process could be made that has unmapped everything");
            try (var memory = RemoteMemory.open(pid)) {
                assertThat(memory.addressSpace().stream())
                        .allMatch(mapping -> mapping.name().equals("[vsyscall]"));
                assertThat(memory.mappings().anonymous().matching()).isEmpty();
                assertThat(memory.mappingAt(0x1000)).isEmpty();
                assertThat(memory.mappingFrom(0, MappingQuery.any().writable())).isEmpty();
                assertThat(memory.use().memory().residentBytes()).isZero();
                assertThat(memory.mappings().anonymous().details()).isEmpty();
            }
        }
    }

    @Test
    void threadsOfTheKernelHaveNoMemoryToOpen() {
        List<ProcessHandle> kernelThreads = ProcessHandle.allProcesses()
                .filter(process -> process.parent().map(ProcessHandle::pid).orElse(0L) == 2)
                .filter(ProcMapsSelftestsKernelTest::hasNoExecutable)
                .toList();
        Skip.unless(!kernelThreads.isEmpty(), "no thread of the kernel can be seen from here");
        assertThatExceptionOfType(NoSuchProcessException.class)
                .isThrownBy(() -> RemoteMemory.open(kernelThreads.getFirst().pid()))
                .matches(failure -> failure.reason() == NoSuchProcessException.Reason.KERNEL_THREAD);
    }

    private static boolean hasNoExecutable(ProcessHandle process) {
        try {
            return Files.size(Path.of("/proc/" + process.pid() + "/cmdline")) == 0
                    && Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                            .isEmpty();
        } catch (IOException gone) {
            return false;
        }
    }
}
