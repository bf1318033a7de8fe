package dev.remora.procfs;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where cgroups are mounted, as {@code /proc/self/mounts} lists it.
 *
 * @param second where those of version 2 are
 * @param freezer where the freezer of version 1 is
 */
public record CgroupMounts(Optional<Mount> second, Optional<Mount> freezer) {

    /**
     * A hierarchy of cgroups.
     *
     * @param place the directory
     * @param writable whether it is not mounted read-only, as containers often have it
     */
    public record Mount(String place, boolean writable) {}

    private static final int PLACE = 1;
    private static final int TYPE = 2;
    private static final int OPTIONS = 3;

    public static CgroupMounts parse(String mounts) {
        List<String[]> rows = mounts.lines()
                .map(line -> line.split(" ", -1))
                .filter(row -> row.length > OPTIONS)
                .toList();
        Stream<String[]> second = rows.stream().filter(row -> row[TYPE].equals("cgroup2"));
        Stream<String[]> freezer = rows.stream()
                .filter(row -> row[TYPE].equals("cgroup"))
                .filter(row -> options(row).contains("freezer"));
        return new CgroupMounts(mount(second), mount(freezer));
    }

    private static Optional<Mount> mount(Stream<String[]> rows) {
        return rows.map(row -> new Mount(row[PLACE], !options(row).contains("ro")))
                .findFirst();
    }

    private static List<String> options(String[] row) {
        return List.of(row[OPTIONS].split(",", -1));
    }
}
