package dev.remora.procfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.remora.addressspace.BuildId;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingQuery;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.bindings.Linux;
import dev.remora.bindings.procmap_query;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of each answer of {@code PROCMAP_QUERY}. */
final class MappingLookupTest {

    private static final String TEXT = """
        1000-2000 rw-p 00000000 00:00 0 [heap]
        3000-5000 r-xs 00002000 08:02 4711 /usr/lib/libx.so
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
        """;
    private static final Mapping HEAP =
            new Mapping(MemoryRange.of(0x1000, 0x1000), Protection.READ_WRITE, false, 0, 0, 0, "[heap]");
    private static final Mapping LIBRARY = new Mapping(
            MemoryRange.of(0x3000, 0x2000),
            Protection.READ_EXECUTE,
            true,
            0x2000,
            0x8_0000_0002L,
            4711,
            "/usr/lib/libx.so");
    private static final long VSYSCALL = 0xffff_ffff_ff60_0000L;

    /** Answers the ioctl as scripted; all files read the same. */
    private static final class ScriptedKernel implements Kernel {

        private final ScriptedProc files = new ScriptedProc(TEXT);
        private final Deque<ToLongFunction<MemorySegment>> answers = new ArrayDeque<>();
        private final List<Integer> nameBytes = new ArrayList<>();
        private final List<Long> flags = new ArrayList<>();
        private final List<Integer> buildIdBytes = new ArrayList<>();
        private boolean textRead;

        @Override
        @SuppressWarnings("restricted")
        public long call(int number, long a0, long a1, long a2, long a3, long a4, long a5) {
            if (number != Syscall.IOCTL.number()) {
                textRead |= number == Syscall.READ.number();
                return files.call(number, a0, a1, a2, a3, a4, a5);
            }
            assertThat(a1).isEqualTo(Linux.PROCMAP_QUERY());
            MemorySegment query = MemorySegment.ofAddress(a2).reinterpret(procmap_query.sizeof());
            assertThat(procmap_query.size(query)).isEqualTo(procmap_query.sizeof());
            assertThat(procmap_query.vma_name_addr(query) != 0)
                    .as("the kernel refuses one without the other")
                    .isEqualTo(procmap_query.vma_name_size(query) != 0);
            assertThat(procmap_query.build_id_addr(query) != 0).isEqualTo(procmap_query.build_id_size(query) != 0);
            nameBytes.add(procmap_query.vma_name_size(query));
            buildIdBytes.add(procmap_query.build_id_size(query));
            flags.add(procmap_query.query_flags(query));
            return answers.remove().applyAsLong(query);
        }

        ScriptedKernel fails(int errno) {
            answers.add(_ -> -errno);
            return this;
        }

        ScriptedKernel finds(Mapping mapping) {
            answers.add(query -> write(query, mapping));
            return this;
        }

        private static long write(MemorySegment query, Mapping mapping) {
            procmap_query.vma_start(query, mapping.address());
            procmap_query.vma_end(query, mapping.end());
            procmap_query.vma_flags(query, flags(mapping));
            procmap_query.vma_offset(query, mapping.fileOffset());
            procmap_query.inode(query, mapping.inode());
            procmap_query.dev_major(query, (int) (mapping.device() >>> 32));
            procmap_query.dev_minor(query, (int) mapping.device());
            byte[] name = mapping.name().getBytes(StandardCharsets.UTF_8);
            put(procmap_query.vma_name_addr(query), name);
            procmap_query.vma_name_size(query, name.length == 0 ? 0 : name.length + 1);
            return 0;
        }

        private static long flags(Mapping mapping) {
            Protection protection = mapping.protection();
            return (protection.readable() ? Linux.PROCMAP_QUERY_VMA_READABLE() : 0)
                    | (protection.writable() ? Linux.PROCMAP_QUERY_VMA_WRITABLE() : 0)
                    | (protection.executable() ? Linux.PROCMAP_QUERY_VMA_EXECUTABLE() : 0)
                    | (mapping.shared() ? Linux.PROCMAP_QUERY_VMA_SHARED() : 0);
        }

        @SuppressWarnings("restricted")
        private static void put(long address, byte[] bytes) {
            if (bytes.length > 0) {
                MemorySegment target = MemorySegment.ofAddress(address).reinterpret(bytes.length + 1L);
                MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
                target.set(ValueLayout.JAVA_BYTE, bytes.length, (byte) 0);
            }
        }
    }

    private final ScriptedKernel kernel = new ScriptedKernel();
    private final ProcDirectory process = ProcDirectory.open(kernel, 4711);
    private final MappingLookup lookup = new MappingLookup(kernel, process);

    @AfterEach
    void everythingIsClosedAgain() {
        process.close();
        assertThat(kernel.files.open()).isZero();
        assertThat(kernel.answers).as("answers that were not asked for").isEmpty();
    }

    @Test
    void anAnswerNeedsNoText() {
        kernel.finds(LIBRARY);
        assertThat(lookup.at(0x3800)).contains(LIBRARY);
        assertThat(kernel.flags).containsExactly(0L);
        assertThat(kernel.buildIdBytes).containsExactly(0);
        assertThat(kernel.textRead).isFalse();
    }

    @Test
    void namesAreThoseOfTheText() {
        var raw = new Mapping(HEAP.range(), HEAP.protection(), false, 0, 0, 0, "/two\nlines \u00e9 (deleted)");
        kernel.finds(raw);
        assertThat(lookup.at(0x1000)).map(Mapping::name).contains("/two\\012lines \u00e9 (deleted)");
        kernel.finds(new Mapping(HEAP.range(), HEAP.protection(), false, 0, 0, 0, ""));
        assertThat(lookup.at(0x1000)).map(Mapping::name).contains("");
    }

    @Test
    void aQueryIsTheKernelsWork() {
        kernel.finds(LIBRARY);
        assertThat(lookup.from(0, MappingQuery.any().executable().fileBacked())).contains(LIBRARY);
        assertThat(kernel.flags).containsExactly((long) (Linux.PROCMAP_QUERY_COVERING_OR_NEXT_VMA()
                | Linux.PROCMAP_QUERY_VMA_EXECUTABLE()
                | Linux.PROCMAP_QUERY_FILE_BACKED_VMA()));
        kernel.finds(HEAP);
        var all = MappingQuery.any().readable().writable().shared();
        assertThat(lookup.from(0, all)).contains(HEAP);
        assertThat(kernel.flags.getLast())
                .isEqualTo(Linux.PROCMAP_QUERY_COVERING_OR_NEXT_VMA()
                        | Linux.PROCMAP_QUERY_VMA_READABLE()
                        | Linux.PROCMAP_QUERY_VMA_WRITABLE()
                        | Linux.PROCMAP_QUERY_VMA_SHARED());
    }

    @Test
    void nothingMappedIsAnAnswerToo() {
        kernel.fails(Linux.ENOENT());
        assertThat(lookup.at(0x2000)).isEmpty();
        assertThat(kernel.textRead).isFalse();
    }

    @Test
    void whatIsInTheKernelsHalfOnlyTheTextShows() {
        kernel.fails(Linux.ENOENT());
        assertThat(lookup.at(VSYSCALL)).map(Mapping::name).contains("[vsyscall]");
        assertThat(kernel.textRead).isTrue();
    }

    @Test
    void aboveTheLastMappingTheTextMayHaveOneMore() {
        kernel.fails(Linux.ENOENT());
        assertThat(lookup.from(0x5000, MappingQuery.any().executable()))
                .map(Mapping::name)
                .contains("[vsyscall]");
    }

    @Test
    void thatOneIsNeitherWritableNorSharedNorAFile() {
        for (MappingQuery query : List.of(
                MappingQuery.any().writable(),
                MappingQuery.any().shared(),
                MappingQuery.any().fileBacked())) {
            kernel.fails(Linux.ENOENT());
            assertThat(lookup.from(0x5000, query)).isEmpty();
        }
        assertThat(kernel.textRead).isFalse();
    }

    @Test
    void olderKernelsAreAskedByText() {
        kernel.fails(Linux.ENOTTY());
        assertThat(lookup.at(0x4fff)).contains(LIBRARY);
        assertThat(kernel.textRead).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0xfff, 0x2000, 0x2fff, 0x5000, -1})
    void textHasNothingInHoles(long address) {
        kernel.fails(Linux.ENOTTY());
        assertThat(lookup.at(address)).isEmpty();
    }

    @Test
    void textFindsTheNextThatAnswersAQuery() {
        kernel.fails(Linux.ENOTTY());
        assertThat(lookup.from(0x1fff, MappingQuery.any().shared())).contains(LIBRARY);
    }

    @Test
    void aFilterOfCallsLeavesTheText() {
        kernel.fails(Linux.EPERM());
        assertThat(lookup.at(0x1000)).contains(HEAP);
    }

    @Test
    void anInterruptedCallIsRepeated() {
        kernel.fails(Linux.EINTR()).fails(Linux.EINTR()).finds(HEAP);
        assertThat(lookup.at(0x1000)).contains(HEAP);
        assertThat(kernel.nameBytes).containsOnly(512).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 36})
    void aLongNameGetsMoreRoom(int errno) {
        assertThat(List.of(Linux.E2BIG(), Linux.ENAMETOOLONG())).contains(errno);
        kernel.fails(errno).finds(LIBRARY);
        assertThat(lookup.at(0x3000)).contains(LIBRARY);
        assertThat(kernel.nameBytes).containsExactly(512, 4096);
    }

    @Test
    void aNameThatIsLongerThanAPathOnlyTheTextHas() {
        kernel.fails(Linux.ENAMETOOLONG()).fails(Linux.ENAMETOOLONG());
        assertThat(lookup.at(0x3000)).contains(LIBRARY);
        assertThat(kernel.textRead).isTrue();
    }

    @Test
    void aProcessThatRunsAnotherProgramNowHasNewMemory() {
        kernel.fails(Linux.ESRCH()).fails(Linux.ESRCH()).finds(HEAP);
        assertThat(lookup.at(0x1000)).contains(HEAP);
    }

    @Test
    void memoryThatIsGoneForGoodIsAFailure() {
        for (int i = 0; i < 16; i++) {
            kernel.fails(Linux.ESRCH());
        }
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> lookup.at(0x1000))
                .withMessageContaining("ioctl PROCMAP_QUERY(address 0x1000): ESRCH");
    }

    @Test
    void whatNobodyExpectsIsAFailure() {
        kernel.fails(Linux.EINVAL());
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> lookup.at(0x1000))
                .matches(failure -> failure.errno() == Linux.EINVAL());
    }

    @Test
    void aBuildIdIsAskedForWithoutAName() {
        kernel.answers.add(query -> {
            ScriptedKernel.put(procmap_query.build_id_addr(query), new byte[] {0x5f, (byte) 0xa0, 1});
            procmap_query.build_id_size(query, 3);
            return 0;
        });
        assertThat(lookup.buildIdAt(0x3000)).contains(new BuildId("5fa001"));
        assertThat(kernel.nameBytes).containsExactly(0);
        assertThat(kernel.buildIdBytes).containsExactly(20);
    }

    @Test
    void aFileMayHaveNoBuildId() {
        kernel.answers.add(query -> {
            procmap_query.build_id_size(query, 0);
            return 0;
        });
        assertThat(lookup.buildIdAt(0x3000)).isEqualTo(Optional.empty());
        kernel.fails(Linux.ENOENT());
        assertThat(lookup.buildIdAt(0x2000)).isEqualTo(Optional.empty());
    }

    @Test
    void olderKernelsHaveNoBuildIds() {
        kernel.fails(Linux.ENOTTY());
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> lookup.buildIdAt(0x3000))
                .matches(failure -> failure.errno() == Linux.ENOTTY());
    }
}
