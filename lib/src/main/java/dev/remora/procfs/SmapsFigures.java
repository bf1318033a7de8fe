package dev.remora.procfs;

import dev.remora.addressspace.MemoryBreakdown;
import dev.remora.addressspace.ProcessUse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The figures of one entry of {@code smaps}. */
final class SmapsFigures {

    private static final long KIB = 1024;

    /** In the order of the kernel's {@code __show_smap}, so that the next line mostly is the next of these. */
    private static final List<byte[]> LABELS = labels(
            "KernelPageSize:",
            "Rss:",
            "Pss:",
            "Pss_Dirty:",
            "Pss_Anon:",
            "Pss_File:",
            "Pss_Shmem:",
            "Shared_Clean:",
            "Shared_Dirty:",
            "Private_Clean:",
            "Private_Dirty:",
            "Referenced:",
            "Anonymous:",
            "KSM:",
            "LazyFree:",
            "AnonHugePages:",
            "ShmemPmdMapped:",
            "FilePmdMapped:",
            "Shared_Hugetlb:",
            "Private_Hugetlb:",
            "Swap:",
            "SwapPss:",
            "Locked:");

    private static final int PAGE_SIZE = 0;
    private static final int RESIDENT = 1;
    private static final int PROPORTIONAL = 2;
    private static final int DIRTY_PROPORTIONAL = 3;
    private static final int PROPORTIONAL_ANONYMOUS = 4;
    private static final int PROPORTIONAL_FILE = 5;
    private static final int PROPORTIONAL_SHARED_MEMORY = 6;
    private static final int SHARED_CLEAN = 7;
    private static final int SHARED_DIRTY = 8;
    private static final int PRIVATE_CLEAN = 9;
    private static final int PRIVATE_DIRTY = 10;
    private static final int REFERENCED = 11;
    private static final int ANONYMOUS = 12;
    private static final int MERGED = 13;
    private static final int LAZILY_FREED = 14;
    private static final int HUGE_ANONYMOUS = 15;
    private static final int HUGE_SHARED_MEMORY = 16;
    private static final int HUGE_FILE = 17;
    private static final int HUGETLB_SHARED = 18;
    private static final int HUGETLB_PRIVATE = 19;
    private static final int SWAPPED = 20;
    private static final int PROPORTIONAL_SWAPPED = 21;
    private static final int LOCKED = 22;

    private static final byte[] FLAGS = label("VmFlags:");

    private final long[] bytes = new long[LABELS.size()];
    private final boolean[] known = new boolean[LABELS.size()];
    private int expected;
    private Set<String> flags = Set.of();

    void clear() {
        Arrays.fill(bytes, 0);
        Arrays.fill(known, false);
        expected = 0;
        flags = Set.of();
    }

    /** Takes what the line says; lines with other labels say nothing. */
    void read(TextLines line) {
        for (int i = 0; i < LABELS.size(); i++) {
            int candidate = (expected + i) % LABELS.size();
            if (line.startsWith(LABELS.get(candidate))) {
                bytes[candidate] = KIB * number(line);
                known[candidate] = true;
                expected = candidate + 1;
                return;
            }
        }
        if (line.startsWith(FLAGS)) {
            flags = words(line, FLAGS.length);
        }
    }

    private static Set<String> words(TextLines line, int afterLabel) {
        int from = line.start() + afterLabel;
        String words = new String(line.bytes(), from, line.end() - from, StandardCharsets.US_ASCII).strip();
        return words.isEmpty() ? Set.of() : Set.copyOf(List.of(words.split(" ", -1)));
    }

    private static long number(TextLines line) {
        long number = 0;
        for (int i = line.start(); i < line.end(); i++) {
            byte letter = line.bytes()[i];
            if (letter >= '0' && letter <= '9') {
                number = 10 * number + letter - '0';
            }
        }
        return number;
    }

    private static List<byte[]> labels(String... labels) {
        return Stream.of(labels).map(SmapsFigures::label).toList();
    }

    private static byte[] label(String label) {
        return label.getBytes(StandardCharsets.US_ASCII);
    }

    Set<String> flags() {
        return flags;
    }

    long pageBytes() {
        return bytes[PAGE_SIZE];
    }

    long residentBytes() {
        return bytes[RESIDENT];
    }

    long anonymousBytes() {
        return bytes[ANONYMOUS];
    }

    long swappedBytes() {
        return bytes[SWAPPED];
    }

    long hugeBytes() {
        return bytes[HUGE_ANONYMOUS] + bytes[HUGE_SHARED_MEMORY] + bytes[HUGE_FILE];
    }

    boolean hasKinds() {
        return known[PROPORTIONAL_ANONYMOUS];
    }

    ProcessUse.Kinds kinds() {
        return new ProcessUse.Kinds(
                bytes[PROPORTIONAL_ANONYMOUS], bytes[PROPORTIONAL_FILE], bytes[PROPORTIONAL_SHARED_MEMORY]);
    }

    MemoryBreakdown memory() {
        return new MemoryBreakdown(
                residentBytes(),
                bytes[PROPORTIONAL],
                bytes[DIRTY_PROPORTIONAL],
                bytes[SHARED_CLEAN],
                bytes[SHARED_DIRTY],
                bytes[PRIVATE_CLEAN],
                bytes[PRIVATE_DIRTY],
                bytes[REFERENCED],
                anonymousBytes(),
                bytes[MERGED],
                bytes[LAZILY_FREED],
                hugeBytes(),
                bytes[HUGETLB_SHARED] + bytes[HUGETLB_PRIVATE],
                swappedBytes(),
                bytes[PROPORTIONAL_SWAPPED],
                bytes[LOCKED]);
    }
}
