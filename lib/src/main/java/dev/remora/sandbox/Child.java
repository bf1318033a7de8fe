package dev.remora.sandbox;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.remora.SyscallFailedException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The parent's side of the wire to a {@link SandboxMain}. */
final class Child {

    private static final ScheduledThreadPoolExecutor DEADLINES = deadlines();

    private final Process process;
    private final DataInputStream answers;
    private final LastWords lastWords;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private volatile Duration limit = Duration.ofMinutes(1);

    private Child(Process process) {
        this.process = process;
        answers = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        lastWords = new LastWords(process.getErrorStream());
    }

    private static ScheduledThreadPoolExecutor deadlines() {
        var executor = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform()
                        .name("remora-sandbox-deadlines")
                        .daemon()
                        .unstarted(task));
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    static int pendingDeadlines() {
        return DEADLINES.getQueue().size();
    }

    static Child start(long addressSpace) {
        Process process = Launcher.launch(addressSpace);
        try {
            var child = new Child(process);
            child.exchange("start", child::awaitReady);
            return child;
        } catch (RuntimeException | Error failure) {
            process.destroyForcibly();
            throw failure;
        }
    }

    private long awaitReady() throws IOException {
        int greeting = answers.readByte();
        if (greeting != SandboxMain.READY) {
            throw new IOException("it greeted with " + greeting);
        }
        return greeting;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    void answerWithin(Duration duration) {
        limit = duration;
    }

    @CanIgnoreReturnValue
    long command(Command command, long address, long byteSize, String text) {
        byte[] whole = bytes(command, address, byteSize, text);
        return exchange(command.name(), () -> {
            process.getOutputStream().write(whole);
            process.getOutputStream().flush();
            return answer();
        });
    }

    /** Made before anything is sent, so that what cannot be sent does not leave half a command on the wire. */
    private static byte[] bytes(Command command, long address, long byteSize, String text) {
        var bytes = new ByteArrayOutputStream();
        try (var output = new DataOutputStream(bytes)) {
            output.writeByte(command.wire());
            output.writeLong(address);
            output.writeLong(byteSize);
            output.writeUTF(text);
        } catch (IOException tooLong) {
            throw new UncheckedIOException(tooLong);
        }
        return bytes.toByteArray();
    }

    private long answer() throws IOException {
        byte kind = answers.readByte();
        return switch (kind) {
            case SandboxMain.DONE -> answers.readLong();
            case SandboxMain.FAILED -> throw failure(answers.readInt(), answers.readUTF());
            case SandboxMain.REFUSED -> throw new IllegalArgumentException(answers.readUTF());
            case SandboxMain.BROKEN -> throw new IllegalStateException("The child failed: " + answers.readUTF());
            default -> throw new IOException("it answered with " + kind);
        };
    }

    private static SyscallFailedException failure(int errno, String message) {
        return new SyscallFailedException("The sandboxed process: " + message, errno, null);
    }

    private interface Exchange {
        long run() throws IOException;
    }

    /** Kills the child when it does not answer in time, which ends the wait for its answer as well. */
    @CanIgnoreReturnValue
    private long exchange(String what, Exchange exchange) {
        oneAtATime.lock();
        try {
            Duration time = limit;
            var late = new AtomicBoolean();
            ScheduledFuture<?> deadline = DEADLINES.schedule(
                    () -> {
                        late.set(true);
                        handle().destroyForcibly();
                    },
                    time.toMillis(),
                    TimeUnit.MILLISECONDS);
            try {
                return exchange.run();
            } catch (IOException ended) {
                throw new IllegalStateException(obituary(what, late.get() ? time : null), ended);
            } finally {
                deadline.cancel(false);
            }
        } finally {
            oneAtATime.unlock();
        }
    }

    private String obituary(String what, @Nullable Duration exceeded) {
        end();
        String cause = exceeded == null ? "has ended" : "did not answer within " + exceeded + " and was killed";
        return "The sandboxed process " + process.pid() + " " + cause + " (" + what + ", exit status "
                + process.exitValue() + "). " + lastWords.text();
    }

    void kill() {
        end();
        process.destroyForcibly();
    }

    /** Unlike {@link Process#destroyForcibly()}, that of the handle leaves what was printed to be read. */
    private void end() {
        handle().destroyForcibly();
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
