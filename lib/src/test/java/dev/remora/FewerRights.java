package dev.remora;

import dev.remora.jvm.OtherJvm;
import dev.remora.preconditions.Skip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Programs that root runs as somebody with less power. */
final class FewerRights {

    private static final String NOBODY = "65534";

    private FewerRights() {}

    /** A process of another user, which repeats its input until that ends. */
    static Process processOfNobody() throws IOException {
        List<String> line = asNobody();
        line.add("cat");
        Process nobody = new ProcessBuilder(line).start();
        nobody.getOutputStream().write('\n');
        nobody.getOutputStream().flush();
        if (nobody.getInputStream().read() != '\n') {
            throw new AssertionError("no process of another user");
        }
        return nobody;
    }

    /** Runs a class in a JVM without CAP_SYS_NICE and CAP_SYS_PTRACE, and returns all it said. */
    static String run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        return OtherJvm.run(line(without("sys_nice", "sys_ptrace"), OtherJvm.line(main, arguments)));
    }

    /** What runs a program as another user, to be put before its command line. */
    static List<String> asNobody() {
        requireRoot();
        return new ArrayList<>(
                List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--inh-caps=-all"));
    }

    /** What runs a program without some capabilities, to be put before its command line. */
    static List<String> without(String... capabilities) {
        requireRoot();
        String less = Stream.of(capabilities).map(name -> "-" + name).collect(Collectors.joining(","));
        return List.of("setpriv", "--bounding-set=" + less, "--inh-caps=" + less);
    }

    /** What runs a program that may not read all processes; from Linux 6.15 on, CAP_PERFMON and CAP_SYS_ADMIN let it. */
    static List<String> withoutReading(String... more) {
        return without(Stream.concat(Stream.of("sys_ptrace", "perfmon", "sys_admin"), Stream.of(more))
                .toArray(String[]::new));
    }

    /** What runs a program in a user namespace in which it is root. */
    static List<String> inUserNamespace() throws IOException, InterruptedException {
        List<String> line = List.of("unshare", "--user", "--map-root-user");
        Process trial = new ProcessBuilder(line(line, List.of("true"))).start();
        Skip.unless(trial.waitFor() == 0, "no user namespace can be made here");
        return line;
    }

    static List<String> line(List<String> runner, List<String> program) {
        return Stream.concat(runner.stream(), program.stream()).toList();
    }

    private static void requireRoot() {
        Skip.unless(System.getProperty("user.name").equals("root"), "only root can give rights away");
    }
}
