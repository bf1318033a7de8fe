package dev.remora.procfs;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where cgroups are mounted, as {@code /proc/self/mountinfo} lists it.
 *
 * @param second where those of version 2 are
 * @param freezer where the freezer of version 1 is
 */
public record CgroupMounts(Optional<Mount> second, Optional<Mount> freezer) {

    /** The list. */
    public static final String LIST = "/proc/self/mountinfo";

    private static final int ROOT = 3;
    private static final int PLACE = 4;
    private static final int OPTIONS = 5;
    private static final String SEPARATOR = " - ";

    /** A letter that would end a field. */
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

    /**
     * A hierarchy of cgroups, or a part of it.
     *
     * @param place the directory
     * @param root the group that the directory is of, in the caller's cgroup namespace
     * @param writable whether it is not mounted read-only, as containers often have it
     */
    public record Mount(String place, String root, boolean writable) {

        private static final String TOP = "/";

        /** The directory of a group, by its path as {@code /proc/PID/cgroup} has it; empty if it is not in this part. */
        public Optional<String> directoryOf(String group) {
            if (outOfSight(group) || outOfSight(root)) {
                return Optional.empty();
            }
            String below = root.equals(TOP) ? group : group.equals(root) ? TOP : withoutRoot(group);
            return below.isEmpty() ? Optional.empty() : Optional.of(below.equals(TOP) ? place : place + below);
        }

        private String withoutRoot(String group) {
            return group.startsWith(root + "/") ? group.substring(root.length()) : "";
        }

        /** Such groups are above the root of the caller's namespace. */
        private static boolean outOfSight(String group) {
            return group.startsWith("/..");
        }
    }

    /** Of several, one of a whole hierarchy is taken. */
    public static CgroupMounts parse(String mountinfo) {
        return new CgroupMounts(
                mount(mountinfo, line -> line.type.equals("cgroup2")),
                mount(mountinfo, line -> line.type.equals("cgroup") && line.superOptions.contains("freezer")));
    }

    private static Optional<Mount> mount(String mountinfo, Predicate<Line> wanted) {
        List<Mount> all = mountinfo
                .lines()
                .flatMap(Line::parse)
                .filter(wanted)
                .map(Line::mount)
                .toList();
        return all.stream()
                .filter(mount -> mount.root().equals(Mount.TOP))
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    private record Line(Mount mount, String type, List<String> superOptions) {

        static Stream<Line> parse(String text) {
            int separator = text.indexOf(SEPARATOR);
            if (separator < 0) {
                return Stream.empty();
            }
            String[] fields = text.substring(0, separator).split(" ", -1);
            String[] more = text.substring(separator + SEPARATOR.length()).split(" ", -1);
            if (fields.length <= OPTIONS || more.length < 3) {
                return Stream.empty();
            }
            boolean writable = !options(fields[OPTIONS]).contains("ro");
            return Stream.of(new Line(
                    new Mount(decoded(fields[PLACE]), decoded(fields[ROOT]), writable), more[0], options(more[2])));
        }

        private static List<String> options(String field) {
            return List.of(field.split(",", -1));
        }

        private static String decoded(String field) {
            return ESCAPED.matcher(field)
                    .replaceAll(letter ->
                            Matcher.quoteReplacement(Character.toString(Integer.parseInt(letter.group(1), 8))));
        }
    }
}
