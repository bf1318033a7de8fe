package dev.remora.sandbox;

import dev.remora.process.JavaProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
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

    private Launcher() {}

    static Process launch(long addressSpace) {
        List<String> line = JavaProgram.line(
                SandboxMain.class, Long.toString(ProcessHandle.current().pid()), Long.toString(addressSpace));
        try {
            return CompletableFuture.supplyAsync(() -> spawn(line), STARTER).join();
        } catch (CompletionException failure) {
            throw new IllegalStateException("The sandboxed process cannot be started: " + line, failure.getCause());
        }
    }

    private static Process spawn(List<String> line) {
        try {
            return JavaProgram.start(line);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
