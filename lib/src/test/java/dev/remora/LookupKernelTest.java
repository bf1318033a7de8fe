package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.addressspace.AddressSpace;
import dev.remora.addressspace.ByteSize;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingKind;
import dev.remora.addressspace.MappingQuery;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.bindings.Linux;
import dev.remora.preconditions.KernelVersion;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.LinuxKernel;
import dev.remora.syscall.Syscall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One address at a time: by ioctl and by text, on random layouts of a real process. */
@Tag("kernel")
final class LookupKernelTest {

    private static final int ATTEMPTS = 200;
    private static final List<String> NAMES =
            List.of("plain", "with space", "two\nlines", "x (deleted)", "żółw", "a\\012b");

    /** The same kernel as it was before 6.11. */
    private static final class WithoutIoctl implements Kernel {

        private final Kernel kernel = LinuxKernel.instance();

        @Override
        public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
            return number == Syscall.IOCTL.number() ? -Linux.ENOTTY() : kernel.call(number, a0, a1, a2, a3, a4, a5);
        }
    }

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void bothReadersGiveTheSameAnswer(long seed) throws IOException {
        var random = new Random(seed);
        try (var child = SandboxedProcess.start();
                var byIoctl = RemoteMemory.open(child.handle());
                var byText = RemoteMemory.open(child.pid(), new WithoutIoctl())) {
            layOut(child, random, byIoctl.pageSize());
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                if (compared(byIoctl, byText, random)) {
                    return;
                }
            }
        }
        throw new AssertionError("the child never kept its layout for as long as the comparison took");
    }

    private void layOut(SandboxedProcess child, Random random, long page) throws IOException {
        for (int i = 0; i < 40; i++) {
            MemoryRange range = map(child, random, page, i);
            if (range.byteSize() >= 4 * page) {
                var second = MemoryRange.of(range.address() + page, page);
                switch (random.nextInt(4)) {
                    case 0 -> child.unmap(second);
                    case 1 -> child.protect(second, Protection.NONE);
                    case 2 -> child.protect(second, Protection.READ);
                    default -> {}
                }
            }
        }
    }

    private MemoryRange map(SandboxedProcess child, Random random, long page, int index) throws IOException {
        long byteSize = (1 + random.nextInt(8)) * page;
        String name = NAMES.get(random.nextInt(NAMES.size()));
        return switch (random.nextInt(4)) {
            case 0 -> child.mapShared(byteSize);
            case 1 -> child.mapMemfd(name.strip(), byteSize);
            case 2 -> mapFile(child, index + name, byteSize, random.nextBoolean());
            default -> child.map(byteSize);
        };
    }

    private MemoryRange mapFile(SandboxedProcess child, String name, long byteSize, boolean delete) throws IOException {
        Path file = Files.write(folder.resolve(name), new byte[(int) byteSize]);
        MemoryRange range = child.mapFile(file);
        if (delete) {
            Files.delete(file);
        }
        return range;
    }

    /** The child is a JVM, whose own threads map what they need; false if they did meanwhile. */
    private static boolean compared(RemoteMemory byIoctl, RemoteMemory byText, Random random) {
        AddressSpace before = byIoctl.addressSpace();
        List<Long> addresses = addresses(before, random);
        List<MappingQuery> queries = queries(random);
        List<Object> ioctl = answers(byIoctl, addresses, queries);
        List<Object> text = answers(byText, addresses, queries);
        if (!byIoctl.addressSpace().equals(before)) {
            return false;
        }
        List<Object> listed = new ArrayList<>();
        for (long address : addresses) {
            listed.add(before.at(address));
            queries.forEach(query -> listed.add(before.from(address, query)));
        }
        assertThat(ioctl).isEqualTo(listed);
        assertThat(text).isEqualTo(listed);
        assertThat(listed).hasSizeGreaterThan(100).contains(Optional.empty());
        assertThat(before.stream().map(Mapping::kind))
                .contains(MappingKind.FILE, MappingKind.MEMFD, MappingKind.DELETED_FILE, MappingKind.SHARED_MEMORY);
        assertThat(before.stream().map(Mapping::name)).anyMatch(name -> name.contains("two\\012lines"));
        return true;
    }

    private static List<Object> answers(RemoteMemory memory, List<Long> addresses, List<MappingQuery> queries) {
        List<Object> answers = new ArrayList<>();
        for (long address : addresses) {
            answers.add(memory.mappingAt(address));
            queries.forEach(query -> answers.add(memory.mappingFrom(address, query)));
        }
        return answers;
    }

    private static List<Long> addresses(AddressSpace space, Random random) {
        var addresses = new TreeSet<>(List.of(0L, 1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE));
        space.stream().filter(_ -> random.nextInt(4) == 0).forEach(mapping -> {
            addresses.add(mapping.address() - 1);
            addresses.add(mapping.address());
            addresses.add(mapping.end() - 1);
            addresses.add(mapping.end());
        });
        Mapping last = space.mappings().getLast();
        addresses.addAll(List.of(last.address(), last.end() - 1, last.end()));
        return List.copyOf(addresses);
    }

    private static List<MappingQuery> queries(Random random) {
        List<MappingQuery> queries = new ArrayList<>(List.of(MappingQuery.any()));
        for (int i = 0; i < 6; i++) {
            MappingQuery query = MappingQuery.any();
            query = random.nextInt(3) == 0 ? query.readable() : query;
            query = random.nextInt(3) == 0 ? query.writable() : query;
            query = random.nextInt(3) == 0 ? query.executable() : query;
            query = random.nextInt(3) == 0 ? query.shared() : query;
            queries.add(random.nextInt(3) == 0 ? query.fileBacked() : query);
        }
        return queries;
    }

    @Test
    void aPathThatIsLongIsThereWhole() throws IOException {
        Path deep = folder;
        while (deep.toString().length() < 1500) {
            deep = Files.createDirectory(deep.resolve("d".repeat(200)));
        }
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            Path file = Files.write(deep.resolve("file"), new byte[4096]);
            long address = child.mapFile(file).address();
            assertThat(memory.mappingAt(address))
                    .map(Mapping::name)
                    .contains(file.toRealPath().toString());
        }
    }

    @Test
    void aBuildIdIsThatWhichTheFileHas() throws IOException {
        try (var child = SandboxedProcess.start();
                var memory = RemoteMemory.open(child.handle())) {
            MemoryRange anonymous = child.map(ByteSize.MiB);
            Mapping library = memory.addressSpace().stream()
                    .filter(mapping -> mapping.name().endsWith("/libjvm.so"))
                    .findFirst()
                    .orElseThrow();
            try {
                var found = memory.buildIdAt(library.end() - 1);
                if (found.isPresent()) {
                    assertThat(ElfNote.buildId(Path.of(library.name()))).contains(found.get());
                } else {
                    assertThat(ElfNote.buildId(Path.of(library.name()))).isEmpty();
                }
                assertThat(memory.buildIdAt(anonymous.address())).isEmpty();
                assertThat(memory.buildIdAt(0)).isEmpty();
                assertThat(KernelVersion.isAtLeast(6, 11)).isTrue();
            } catch (UnsupportedKernelException tooOld) {
                assertThat(KernelVersion.isAtLeast(6, 11)).isFalse();
                assertThat(tooOld).hasMessageContaining("6.11");
            }
        }
    }

    @Test
    void somethingHasABuildIdWhereTheKernelReadsThem() throws IOException {
        try (var memory = RemoteMemory.open(ProcessHandle.current().pid())) {
            var libraries = memory.addressSpace().stream()
                    .filter(mapping -> mapping.name().contains(".so") && mapping.kind() == MappingKind.FILE)
                    .toList();
            int found = 0;
            for (Mapping library : libraries) {
                try {
                    var buildId = memory.buildIdAt(library.address());
                    assertThat(buildId).as(library.name()).isEqualTo(ElfNote.buildId(Path.of(library.name())));
                    found += buildId.isPresent() ? 1 : 0;
                } catch (UnsupportedKernelException tooOld) {
                    assertThat(KernelVersion.isAtLeast(6, 11)).isFalse();
                    return;
                }
            }
            assertThat(found).isPositive();
        }
    }
}
