package dev.remora.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.remora.bindings.Linux;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.Syscall;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the watcher holds, forgets and undoes; what it is told comes from this library alone. */
final class FreezeWatcherMainTest {

    private static final int PIDFD = 40;
    private static final int FILE = 50;

    private final List<String> calls = new ArrayList<>();
    private long signalled;

    private final Kernel kernel = (number, a0, a1, a2, a3, a4, a5) -> {
        if (number == Syscall.PIDFD_OPEN.number()) {
            return a0 == 404 ? -Linux.ESRCH() : PIDFD + a0;
        }
        if (number == Syscall.PIDFD_SEND_SIGNAL.number()) {
            if (a1 != 0) {
                calls.add("signal " + a1 + " to " + (a0 - PIDFD));
            }
            return signalled;
        }
        if (number == Syscall.OPENAT.number()) {
            calls.add("open " + MemorySegment.ofAddress(a1).reinterpret(4096).getString(0));
            return FILE;
        }
        if (number == Syscall.WRITE.number()) {
            calls.add("write "
                    + new String(
                            MemorySegment.ofAddress(a1)
                                    .reinterpret(a2)
                                    .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
                            StandardCharsets.US_ASCII));
            return a2;
        }
        if (number == Syscall.CLOSE.number()) {
            calls.add("close " + a0);
        }
        return 0;
    };

    private final FreezeWatcherMain watcher = new FreezeWatcherMain(kernel);

    @Test
    void aStoppedProcessIsHeldAndLetRun() {
        assertThat(watcher.answer("1 signal 5")).isEqualTo("ready 1\n");
        assertThat(calls).isEmpty();
        watcher.undoAll();
        assertThat(calls).containsExactly("signal " + Linux.SIGCONT() + " to 5");
        watcher.undoAll();
        assertThat(calls).as("it is done once").hasSize(1);
    }

    @Test
    void aFrozenGroupIsHeldAndThawed() {
        String path =
                Base64.getEncoder().encodeToString("/sys/fs/cgroup/a b/cgroup.freeze".getBytes(StandardCharsets.UTF_8));
        assertThat(watcher.answer("1 write " + path + " 0")).isEqualTo("ready 1\n");
        assertThat(calls).containsExactly("open /sys/fs/cgroup/a b", "open cgroup.freeze", "close " + FILE);
        calls.clear();
        watcher.undoAll();
        assertThat(calls).containsExactly("write 0");
    }

    @Test
    void whatIsForgottenIsNotUndone() {
        var _ = watcher.answer("1 signal 5");
        var _ = watcher.answer("2 signal 6");
        assertThat(watcher.answer("1 forget")).isEmpty();
        assertThat(calls).containsExactly("close " + (PIDFD + 5));
        assertThat(watcher.answer("1 forget")).as("the second time").isEmpty();
        calls.clear();
        watcher.undoAll();
        assertThat(calls).containsExactly("signal " + Linux.SIGCONT() + " to 6");
    }

    @Test
    void whatCannotBeHeldIsRefused() {
        assertThat(watcher.answer("3 signal 404")).isEqualTo("refused 3 " + Linux.ESRCH() + "\n");
        watcher.undoAll();
        assertThat(calls).isEmpty();
    }

    @Test
    void whoMayNotBeSignalledIsRefused() {
        signalled = -Linux.EPERM();
        assertThat(watcher.answer("4 signal 5")).isEqualTo("refused 4 " + Linux.EPERM() + "\n");
        assertThat(calls).containsExactly("close " + (PIDFD + 5));
        watcher.undoAll();
        assertThat(calls).as("nothing is held").hasSize(1);
    }

    /** As after SIGTERM, when its input has not ended. */
    @Test
    void afterAllWasUndoneNothingIsTaken() {
        watcher.undoAll();
        assertThat(watcher.answer("5 signal 6")).isEqualTo("refused 5\n");
        assertThat(calls).isEmpty();
    }

    @Test
    void whoHasEndedIsNoObstacleForTheOthers() {
        var _ = watcher.answer("1 signal 5");
        var _ = watcher.answer("2 signal 6");
        signalled = -Linux.ESRCH();
        watcher.undoAll();
        assertThat(calls).hasSize(2);
    }
}
