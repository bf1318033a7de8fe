package dev.remora.procfs;

import dev.remora.addressspace.BuildId;
import dev.remora.addressspace.Mapping;
import dev.remora.addressspace.MappingQuery;
import dev.remora.addressspace.MemoryRange;
import dev.remora.addressspace.Protection;
import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.ProcMapQuery;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Finds one mapping of a process: by {@code PROCMAP_QUERY} where the kernel has it, which takes one call, else in the text
 * of {@code maps}. Both give the same answer. Failures are {@link ErrnoException}.
 *
 * <p>The file is opened for each question: it stays with the memory that the process had when it was opened, also when it
 * runs another program since.
 */
public final class MappingLookup {

    private static final int USUAL_NAME = 512;
    private static final int ATTEMPTS = 16;

    private final Kernel kernel;
    private final ProcDirectory process;

    public MappingLookup(Kernel kernel, ProcDirectory process) {
        this.kernel = kernel;
        this.process = process;
    }

    /** The mapping in which an address lies. */
    public Optional<Mapping> at(long address) {
        Supplier<Optional<Mapping>> text = () -> inText(address, MappingQuery.any())
                .filter(mapping -> mapping.range().contains(address));
        return find(address, _ -> {}, address < 0, text);
    }

    /** The first that answers a query, of the mapping in which an address lies and those above it. */
    public Optional<Mapping> from(long address, MappingQuery query) {
        return find(address, ioctl -> ask(ioctl, query), mayBeVsyscall(query), () -> inText(address, query));
    }

    private static void ask(ProcMapQuery ioctl, MappingQuery query) {
        ioctl.orNext();
        ioctl.require(
                query.asksForReadable(),
                query.asksForWritable(),
                query.asksForExecutable(),
                query.asksForShared(),
                query.asksForFileBacked());
    }

    /** That page is above all others, and only the text shows it. */
    private static boolean mayBeVsyscall(MappingQuery query) {
        return !query.asksForWritable() && !query.asksForShared() && !query.asksForFileBacked();
    }

    /** What to ask for. */
    private interface Question {
        void put(ProcMapQuery query);
    }

    private Optional<Mapping> find(
            long address, Question question, boolean textHasMore, Supplier<Optional<Mapping>> text) {
        for (int nameBytes : new int[] {USUAL_NAME, ProcMapQuery.LONGEST_NAME}) {
            try (Arena arena = Arena.ofConfined()) {
                var query = new ProcMapQuery(kernel, arena, nameBytes);
                question.put(query);
                long result = call(query, address);
                if (result == 0) {
                    return Optional.of(mapping(query));
                }
                if (ProcMapQuery.meansNone(result)) {
                    return textHasMore ? text.get() : Optional.empty();
                }
                if (!ProcMapQuery.meansTooLong(result)) {
                    requireUnknown(result, address);
                    return text.get();
                }
            }
        }
        return text.get();
    }

    private static void requireUnknown(long result, long address) {
        if (!ProcMapQuery.meansUnknown(result)) {
            check(result, address);
        }
    }

    private static void check(long result, long address) {
        ErrnoException.check(result, ProcMapQuery.CALL, "address 0x" + Long.toHexString(address));
    }

    /** The memory goes when the process ends, and when it runs another program; then there is new memory to ask for. */
    private long call(ProcMapQuery query, long address) {
        long result = 0;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try (Descriptor maps = process.descriptor(Entry.MAPS)) {
                result = query.call(maps, address);
                if (!ProcMapQuery.meansGone(result)) {
                    return result;
                }
            }
        }
        return result;
    }

    private Optional<Mapping> inText(long address, MappingQuery query) {
        Function<MapsCursor, Optional<Mapping>> search = cursor -> {
            while (cursor.next()) {
                if (Long.compareUnsigned(address, cursor.end()) < 0) {
                    Mapping mapping = cursor.mapping();
                    if (query.matches(mapping)) {
                        return Optional.of(mapping);
                    }
                }
            }
            return Optional.empty();
        };
        return process.readWhole(Entry.MAPS, maps -> search.apply(new MapsCursor(maps)));
    }

    private static Mapping mapping(ProcMapQuery found) {
        return new Mapping(
                MemoryRange.between(found.start(), found.end()),
                new Protection(found.readable(), found.writable(), found.executable()),
                found.shared(),
                found.fileOffset(),
                found.device(),
                found.inode(),
                asInText(found.name()));
    }

    /** {@code seq_path} writes a newline so, and nothing else. */
    private static String asInText(byte[] name) {
        return new String(name, StandardCharsets.UTF_8).replace("\n", "\\012");
    }

    /**
     * The build id of the file that is mapped at an address; empty if there is no such file, or none in it. Kernels without
     * {@code PROCMAP_QUERY} answer ENOTTY.
     */
    public Optional<BuildId> buildIdAt(long address) {
        try (Arena arena = Arena.ofConfined()) {
            var query = new ProcMapQuery(kernel, arena, 0);
            query.withBuildId();
            long result = call(query, address);
            if (ProcMapQuery.meansNone(result)) {
                return Optional.empty();
            }
            check(result, address);
            byte[] found = query.buildId();
            return found.length == 0 ? Optional.empty() : Optional.of(BuildId.of(found));
        }
    }
}
