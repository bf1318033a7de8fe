package dev.remora.sandbox;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.remora.SyscallFailedException;
import dev.remora.procfs.PageSize;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/** The parent's side of the wire to a {@link SandboxMain}. */
final class Child {

    static final long PAGE_SIZE = PageSize.bytes();

    private final Process process;
    private final DataOutputStream commands;
    private final DataInputStream answers;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private volatile Duration limit = Duration.ofMinutes(1);

    private Child(Process process) {
        this.process = process;
        commands = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        answers = new DataInputStream(new BufferedInputStream(process.getInputStream()));
    }

    static Child start(long addressSpace) {
        var child = new Child(Launcher.launch(addressSpace));
        try {
            child.awaitReady();
            return child;
        } catch (RuntimeException | Error failure) {
            child.kill();
            throw failure;
        }
    }

    private void awaitReady() {
        exchange("start", () -> {
            int greeting = answers.readByte();
            if (greeting != SandboxMain.READY) {
                throw new IOException("it greeted with " + greeting);
            }
            return 0L;
        });
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    void answerWithin(Duration duration) {
        limit = duration;
    }

    @CanIgnoreReturnValue
    long command(Command command, long address, long byteSize, String text) {
        return exchange(command.name(), () -> {
            commands.writeByte(command.wire());
            commands.writeLong(address);
            commands.writeLong(byteSize);
            commands.writeUTF(text);
            commands.flush();
            return answer();
        });
    }

    private long answer() throws IOException {
        if (answers.readByte() == SandboxMain.DONE) {
            return answers.readLong();
        }
        int errno = answers.readInt();
        throw new SyscallFailedException("The sandboxed process: " + answers.readUTF(), errno, null);
    }

    private interface Exchange {
        long run() throws IOException;
    }

    /** Kills the child when it does not answer in time, which ends the wait for its answer as well. */
    @CanIgnoreReturnValue
    private long exchange(String what, Exchange exchange) {
        oneAtATime.lock();
        try {
            var late = new AtomicBoolean();
            var deadline = CompletableFuture.runAsync(
                    () -> {
                        late.set(true);
                        process.destroyForcibly();
                    },
                    CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
            try {
                return exchange.run();
            } catch (IOException ended) {
                throw new IllegalStateException(obituary(what, late.get()), ended);
            } finally {
                deadline.cancel(false);
            }
        } finally {
            oneAtATime.unlock();
        }
    }

    private String obituary(String what, boolean late) {
        kill();
        String cause = late ? "did not answer within " + limit + " and was killed" : "has ended";
        return "The sandboxed process " + process.pid() + " " + cause + " (" + what + ", exit status "
                + process.exitValue() + "). " + lastWords();
    }

    private String lastWords() {
        try {
            return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException closed) {
            return "";
        }
    }

    void kill() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (true) {
            try {
                process.waitFor();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
