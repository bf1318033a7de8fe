package dev.remora.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.remora.syscall.Epoll;
import dev.remora.syscall.Kernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One thread that waits for the ends of any number of processes. It ends when there has been none for a while. */
final class ExitWatcher {

    private static final int IDLE_MILLISECONDS = 10_000;
    private static final Map<Kernel, ExitWatcher> RUNNING = new HashMap<>();

    private final Kernel kernel;
    private final Epoll epoll;

    @GuardedBy("RUNNING")
    private final Map<Long, ExitWatch> watches = new HashMap<>();

    @GuardedBy("RUNNING")
    private long lastKey;

    private ExitWatcher(Kernel kernel) {
        this.kernel = kernel;
        epoll = new Epoll(kernel);
    }

    /** The pidfd is watched once at a time, and stays open until the watch has completed or was cancelled. */
    static ExitWatch watch(Kernel kernel, PidFd pidFd) {
        synchronized (RUNNING) {
            ExitWatcher watcher = RUNNING.get(kernel);
            return (watcher == null ? start(kernel) : watcher).add(pidFd);
        }
    }

    @GuardedBy("RUNNING")
    private static ExitWatcher start(Kernel kernel) {
        ExitWatcher watcher = start(kernel, ExitWatcher::startThread);
        RUNNING.put(kernel, watcher);
        return watcher;
    }

    /** Where no thread can be started, nothing stays open. */
    static ExitWatcher start(Kernel kernel, Consumer<? super Runnable> startThread) {
        var watcher = new ExitWatcher(kernel);
        try {
            startThread.accept((Runnable) watcher::run);
            return watcher;
        } catch (RuntimeException | Error noThread) {
            watcher.epoll.close();
            throw noThread;
        }
    }

    private static void startThread(Runnable run) {
        Thread _ = Thread.ofPlatform()
                .name("remora-exits")
                .daemon()
                .inheritInheritableThreadLocals(false)
                .start(run);
    }

    @GuardedBy("RUNNING")
    private ExitWatch add(PidFd pidFd) {
        long key = ++lastKey;
        epoll.add(pidFd.descriptor(), key);
        var watch = new ExitWatch(pidFd, () -> forget(key));
        watches.put(key, watch);
        return watch;
    }

    /** Does nothing the second time. */
    private void forget(long key) {
        synchronized (RUNNING) {
            ExitWatch watch = watches.remove(key);
            if (watch != null) {
                epoll.remove(watch.pidFd().descriptor());
            }
        }
    }

    private void run() {
        try {
            List<Long> ended = new ArrayList<>();
            do {
                ended.clear();
                epoll.await(IDLE_MILLISECONDS, ended::add);
                ended.forEach(this::complete);
            } while (!ended.isEmpty() || !endedForLackOfWork());
        } catch (RuntimeException | Error failure) {
            failAll(failure);
        }
    }

    private void complete(long key) {
        ExitWatch watch;
        synchronized (RUNNING) {
            watch = watches.get(key);
        }
        if (watch != null) {
            watch.complete();
        }
    }

    private boolean endedForLackOfWork() {
        synchronized (RUNNING) {
            if (!watches.isEmpty()) {
                return false;
            }
            RUNNING.remove(kernel, this);
            epoll.close();
            return true;
        }
    }

    private void failAll(Throwable failure) {
        List<ExitWatch> left;
        synchronized (RUNNING) {
            RUNNING.remove(kernel, this);
            left = List.copyOf(watches.values());
            watches.clear();
            epoll.close();
        }
        left.forEach(watch -> watch.fail(failure));
    }
}
