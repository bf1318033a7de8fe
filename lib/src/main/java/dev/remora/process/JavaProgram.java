package dev.remora.process;

import dev.remora.syscall.CodeOrigins;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A class of the library as a program of its own: the caller's Java, small, quick, with nothing of its environment. */
public final class JavaProgram {

    private static final List<String> OPTIONS = List.of(
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xms8m",
            "-Xmx32m",
            "-XX:ReservedCodeCacheSize=16m",
            "-XX:CompressedClassSpaceSize=16m",
            "-XX:-UsePerfData",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:+DisableAttachMechanism",
            "-XX:+DisplayVMOutputToStderr",
            "-XX:+ErrorFileToStderr",
            "-Xlog:disable");

    private JavaProgram() {}

    /** The command line that runs the main method of a class. */
    public static List<String> line(Class<?> main, String... arguments) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(OPTIONS);
        line.addAll(program(main.getName()));
        line.addAll(List.of(arguments));
        return line;
    }

    /** The child runs the same library: from a jlinked image by the name of its module. */
    private static List<String> program(String main) {
        return CodeOrigins.classPath()
                .map(classPath -> List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath, main))
                .orElseGet(() ->
                        List.of("--enable-native-access=dev.remora,dev.remora.bindings", "-m", "dev.remora/" + main));
    }

    public static Process start(List<String> line) throws IOException {
        var builder = new ProcessBuilder(line).directory(new File("/"));
        builder.environment().clear();
        builder.environment().put("LC_ALL", "C.UTF-8");
        return builder.start();
    }
}
