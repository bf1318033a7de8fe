package dev.remora.procfs;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the kernel says of one NUMA node.
 *
 * @param memoryBytes the memory that belongs to it
 * @param freeBytes what of it is not in use
 * @param cpus the list of its CPUs that are online
 * @param distances how far the nodes that are online are from it, in ascending order of their numbers
 */
public record HostNode(long memoryBytes, long freeBytes, String cpus, List<Integer> distances) {

    /** The distance of a node from itself. */
    static final String LOCAL = "10";

    /** Makes a node of the texts of its files. */
    static HostNode of(String meminfo, String cpus, String distances) {
        return new HostNode(bytes(meminfo, "MemTotal"), bytes(meminfo, "MemFree"), cpus, numbers(distances));
    }

    private static long bytes(String meminfo, String field) {
        Matcher line = Pattern.compile("(?m)^(?:Node [0-9]+ )?" + field + ": +([0-9]{1,15}) kB$")
                .matcher(meminfo);
        if (!line.find()) {
            throw unexpected("meminfo", meminfo);
        }
        return Long.parseLong(line.group(1)) * 1024;
    }

    private static List<Integer> numbers(String distances) {
        if (!distances.matches("[0-9]{1,9}( +[0-9]{1,9})*")) {
            throw unexpected("distance", distances);
        }
        return Stream.of(distances.split(" +", -1)).map(Integer::valueOf).toList();
    }

    private static IllegalStateException unexpected(String file, String text) {
        return new IllegalStateException(
                "This kernel's " + file + " of a NUMA node is not as Remora expects it: " + text);
    }
}
