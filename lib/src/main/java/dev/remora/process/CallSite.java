package dev.remora.process;

import dev.remora.procfs.MapsCursor;
import dev.remora.procfs.ProcDirectory;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Tracee;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Instructions of x86-64 that a process has in its code already, and with which it can execute a system call for
 * somebody else.
 *
 * @param call the address of {@code syscall; ret}
 * @param restorer the address of what a signal handler returns to: {@code rt_sigreturn}
 */
record CallSite(long call, long restorer) {

    private static final byte[] CALL = {0x0f, 0x05, (byte) 0xc3};

    /** {@code mov $15, %rax; syscall}, as C libraries have it. */
    private static final byte[] RESTORER = {0x48, (byte) 0xc7, (byte) 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};

    private static final List<byte[]> C_LIBRARIES = Stream.of("*/libc.so*", "*/libc-*", "*/ld-musl*")
            .map(name -> name.getBytes(StandardCharsets.US_ASCII))
            .toList();

    private static final int PORTION = 1 << 18;
    private static final int OVERLAP = RESTORER.length - 1;

    private record Code(long address, long byteSize, boolean likely) {}

    /** Looks for both; null if the process does not have them. */
    static @Nullable CallSite find(ProcDirectory process, Tracee tracee) {
        try (Arena arena = Arena.ofConfined()) {
            var search = new Search(tracee, arena.allocate(PORTION));
            for (Code code : codeOf(process)) {
                if (search.completedBy(code)) {
                    return new CallSite(search.call, search.restorer);
                }
            }
            return null;
        }
    }

    /** Says whether they are still there; the process may run another program by now. */
    boolean presentIn(Tracee tracee) {
        return contains(tracee, call, CALL) && contains(tracee, restorer, RESTORER);
    }

    private static boolean contains(Tracee tracee, long address, byte[] pattern) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(pattern.length);
            return tracee.readReadable(address, found) == pattern.length
                    && Arrays.equals(found.toArray(ValueLayout.JAVA_BYTE), pattern);
        } catch (ErrnoException unreadable) {
            return false;
        }
    }

    /** What the process executes of files, its C library first. It cannot change there by itself. */
    private static List<Code> codeOf(ProcDirectory process) {
        List<Code> all = MapsCursor.collect(process, ArrayList::new, (found, maps) -> {
            if (maps.executable() && !maps.writable() && maps.fileBacked()) {
                found.add(new Code(maps.address(), maps.byteSize(), isCLibrary(maps)));
            }
        });
        all.sort(Comparator.comparing(Code::likely).reversed());
        return all;
    }

    private static boolean isCLibrary(MapsCursor maps) {
        return C_LIBRARIES.stream().anyMatch(maps::named);
    }

    /** What was found so far. */
    private static final class Search {

        private final Tracee tracee;
        private final MemorySegment portion;
        private long call;
        private long restorer;

        Search(Tracee tracee, MemorySegment portion) {
            this.tracee = tracee;
            this.portion = portion;
        }

        boolean completedBy(Code code) {
            long offset = 0;
            while (offset < code.byteSize && (call == 0 || restorer == 0)) {
                long address = code.address + offset;
                byte[] bytes = read(address, Math.min(PORTION, code.byteSize - offset));
                call = call != 0 ? call : find(CALL, bytes, address);
                restorer = restorer != 0 ? restorer : find(RESTORER, bytes, address);
                offset += PORTION - OVERLAP;
            }
            return call != 0 && restorer != 0;
        }

        private byte[] read(long address, long byteSize) {
            try {
                MemorySegment part = portion.asSlice(0, byteSize);
                return part.asSlice(0, tracee.readReadable(address, part)).toArray(ValueLayout.JAVA_BYTE);
            } catch (ErrnoException unreadable) {
                return new byte[0];
            }
        }

        private static long find(byte[] pattern, byte[] bytes, long address) {
            for (int i = 0; i + pattern.length <= bytes.length; i++) {
                if (bytes[i] == pattern[0] && Arrays.equals(bytes, i, i + pattern.length, pattern, 0, pattern.length)) {
                    return address + i;
                }
            }
            return 0;
        }
    }
}
