package dev.remora.sandbox;

import dev.remora.syscall.CodeOrigins;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts the JVM of a {@link SandboxMain}: the caller's Java, small, quick, and with nothing of the caller's
 * environment.
 */
final class Launcher {

    /**
     * The kernel kills a child that asked for it when the <em>thread</em> that started it ends, so all are started by
     * one that ends with this process.
     */
    private static final ExecutorService STARTER = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().name("remora-sandbox-starter").daemon().unstarted(task));

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

    private Launcher() {}

    static Process launch(long addressSpace) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(OPTIONS);
        line.addAll(program());
        line.add(Long.toString(ProcessHandle.current().pid()));
        line.add(Long.toString(addressSpace));
        try {
            return CompletableFuture.supplyAsync(() -> spawn(line), STARTER).join();
        } catch (CompletionException failure) {
            throw new IllegalStateException("The sandboxed process cannot be started: " + line, failure.getCause());
        }
    }

    private static Process spawn(List<String> line) {
        var builder = new ProcessBuilder(line).directory(new File("/"));
        builder.environment().clear();
        builder.environment().put("LC_ALL", "C.UTF-8");
        try {
            return builder.start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The child runs the same library: from a jlinked image by the name of its module. */
    private static List<String> program() {
        String main = SandboxMain.class.getName();
        return CodeOrigins.classPath()
                .map(classPath -> List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath, main))
                .orElseGet(() ->
                        List.of("--enable-native-access=dev.remora,dev.remora.bindings", "-m", "dev.remora/" + main));
    }
}
