package dev.remora.procfs;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What {@code /proc/PID/numa_maps} says of the mappings of a process: which policy each has, and how many bytes it has on
 * which node. The kernel counts pages for that, all of the process.
 */
public final class NumaMaps {

    private static final long KIB = 1024;

    /** A line; where the mapping ends it does not say. */
    private record Line(String policy, Map<Integer, Long> bytesOfNodes) {}

    private final TreeMap<Long, Line> lines = new TreeMap<>(Long::compareUnsigned);

    private NumaMaps() {}

    /** Reads the file, or throws {@link dev.remora.syscall.ErrnoException}. */
    public static NumaMaps read(ProcDirectory process) {
        return process.readWhole(ProcDirectory.Entry.NUMA_MAPS, NumaMaps::read);
    }

    static NumaMaps read(InputStream source) {
        var read = new NumaMaps();
        var text = new TextLines(source);
        while (text.next()) {
            read.add(new String(text.bytes(), text.start(), text.end() - text.start(), StandardCharsets.UTF_8));
        }
        return read;
    }

    private void add(String line) {
        String[] words = line.strip().split(" ", -1);
        boolean twoWords = words.length > 2 && (words[1].equals("weighted") || words[2].startsWith("(many)"));
        String policy = twoWords ? words[1] + " " + words[2] : words[1];
        Map<Integer, Long> pages = new HashMap<>();
        long pageKibibytes = 0;
        for (String word : words) {
            int equals = word.indexOf('=');
            if (word.matches("N[0-9]+=[0-9]+")) {
                pages.put(Integer.valueOf(word.substring(1, equals)), Long.valueOf(word.substring(equals + 1)));
            } else if (word.matches("kernelpagesize_kB=[0-9]+")) {
                pageKibibytes = Long.parseLong(word.substring(equals + 1));
            }
        }
        long pageBytes = pageKibibytes * KIB;
        pages.replaceAll((node, count) -> count * pageBytes);
        lines.put(Long.parseUnsignedLong(words[0], 16), new Line(policy, pages));
    }

    /** The policies of the mappings in a range that is mapped, in ascending order. */
    public List<String> policies(long address, long byteSize) {
        List<String> policies = new ArrayList<>();
        Long first = lines.floorKey(address);
        if (first != null) {
            lines.subMap(first, address + byteSize).values().forEach(line -> policies.add(line.policy()));
        }
        return policies;
    }

    /** The policy of the mapping that begins at an address. */
    public Optional<String> policyAt(long address) {
        return Optional.ofNullable(lines.get(address)).map(Line::policy);
    }

    /** Where the mapping begins in which an address lies that is mapped. */
    public long beginning(long address) {
        Long first = lines.floorKey(address);
        return first == null ? address : first;
    }

    /** Where the first mapping begins that does not begin before an address; the end of all if there is none. */
    public long nextBeginning(long address) {
        Long next = lines.ceilingKey(address);
        return next == null ? -1 : next;
    }

    /** How many bytes the mappings that begin in a range have on each node. */
    public Map<Integer, Long> bytesOfNodes(long from, long to) {
        Map<Integer, Long> sums = new HashMap<>();
        lines.subMap(from, to)
                .values()
                .forEach(line -> line.bytesOfNodes().forEach((node, bytes) -> sums.merge(node, bytes, Long::sum)));
        return sums;
    }
}
