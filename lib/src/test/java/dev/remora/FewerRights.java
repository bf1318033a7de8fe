package dev.remora;

import dev.remora.jvm.OtherJvm;
import dev.remora.preconditions.Skip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Programs that root runs as somebody with less power. */
final class FewerRights {

    private static final String NOBODY = "65534";

    private FewerRights() {}

    /** A process of another user, which lives until its input ends. */
    static Process processOfNobody() throws IOException {
        requireRoot();
        return new ProcessBuilder("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "cat").start();
    }

    /** Runs a class in a JVM without CAP_SYS_NICE and CAP_SYS_PTRACE, and returns all it said. */
    static String run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        requireRoot();
        List<String> line = new ArrayList<>(
                List.of("setpriv", "--bounding-set=-sys_nice,-sys_ptrace", "--inh-caps=-sys_nice,-sys_ptrace"));
        line.addAll(OtherJvm.line(main, arguments));
        return OtherJvm.run(line);
    }

    private static void requireRoot() {
        Skip.unless(System.getProperty("user.name").equals("root"), "only root can give rights away");
    }
}
