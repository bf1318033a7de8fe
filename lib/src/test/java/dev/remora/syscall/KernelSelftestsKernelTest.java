package dev.remora.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.addressspace.ByteSize;
import dev.remora.bindings.Linux;
import dev.remora.bindings.pollfd;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import dev.remora.specimen.Specimen;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the kernel's own tests of these calls ask ({@code tools/testing/selftests}: {@code mm/mrelease_test.c} and the
 * programs in {@code pidfd/}), asked again by what Remora calls them with. Where a kernel answers otherwise, Remora's
 * idea of it is wrong.
 */
@Tag("kernel")
final class KernelSelftestsKernelTest {

    private static final int INVALID = -1;

    private final Kernel kernel = LinuxKernel.instance();
    private final EndingCalls calls = new EndingCalls(kernel);

    private long release(Descriptor pidFd, long flags) {
        return kernel.call(Syscall.PROCESS_MRELEASE, pidFd.number(), flags);
    }

    private long signal(int descriptor, int signal, long flags) {
        return kernel.call(Syscall.PIDFD_SEND_SIGNAL, descriptor, signal, 0, flags);
    }

    // mm/mrelease_test.c

    @Test
    void mreleaseWithoutAProcessIsABadDescriptor() {
        assertThat(kernel.call(Syscall.PROCESS_MRELEASE, INVALID, 0)).isEqualTo(-Linux.EBADF());
        assertThat(calls.releasable()).isTrue();
    }

    @Test
    void mreleaseWithUnknownFlagsIsInvalid() {
        try (var child = SandboxedProcess.start();
                Descriptor pidFd = PidFds.open(kernel, (int) child.pid())) {
            assertThat(release(pidFd, 0xffff_ffffL)).isEqualTo(-Linux.EINVAL());
        }
    }

    @Test
    void mreleaseOfALivingProcessIsInvalid() {
        try (var child = SandboxedProcess.start();
                Descriptor pidFd = PidFds.open(kernel, (int) child.pid())) {
            assertThat(release(pidFd, 0)).isEqualTo(-Linux.EINVAL());
            assertThat(PidFds.exited(kernel, pidFd)).isFalse();
        }
    }

    /** As the original, with twice the memory each time until the call comes before the exit. */
    @Test
    void mreleaseOfADyingProcessFreesItsMemory() {
        for (long bytes = ByteSize.MiB; bytes <= ByteSize.GiB; bytes *= 2) {
            try (var child = SandboxedProcess.start(16 * ByteSize.GiB);
                    Descriptor pidFd = PidFds.open(kernel, (int) child.pid())) {
                child.touch(child.map(bytes));
                assertThat(calls.send(pidFd, Signal.KILL)).isZero();
                long result = calls.release(pidFd);
                if (result == 0) {
                    return;
                }
                assertThat(result).isEqualTo(-Linux.ESRCH());
            }
        }
        throw Skip.because("the victim was faster at every size up to 1 GiB");
    }

    // pidfd/pidfd_open_test.c

    @Test
    void openRefusesWhatIsNoProcessAndWhatIsNoFlag() {
        assertThat(kernel.call(Syscall.PIDFD_OPEN, INVALID, 0)).isEqualTo(-Linux.EINVAL());
        assertThat(kernel.call(Syscall.PIDFD_OPEN, 0, 0)).isEqualTo(-Linux.EINVAL());
        assertThat(kernel.call(Syscall.PIDFD_OPEN, ProcessHandle.current().pid(), 1))
                .isEqualTo(-Linux.EINVAL());
    }

    // pidfd/pidfd_test.c

    @Test
    void aSignalNeedsAPidfdAndKnownFlags() throws IOException {
        try (var child = Specimen.start("crowd", 0);
                Descriptor pidFd = PidFds.open(kernel, (int) child.pid());
                Descriptor noPidFd = OpenFiles.directory(kernel, "/")) {
            assertThat(signal(INVALID, 0, 0)).isEqualTo(-Linux.EBADF());
            assertThat(signal(noPidFd.number(), 0, 0)).isEqualTo(-Linux.EBADF());
            assertThat(signal(pidFd.number(), 0, 1L << 30)).isEqualTo(-Linux.EINVAL());
            assertThat(signal(pidFd.number(), 999, 0)).isEqualTo(-Linux.EINVAL());
            assertThat(calls.send(pidFd, Signal.NONE)).isZero();
        }
    }

    @Test
    void aSignalToAProcessThatWasReapedFindsNobody() throws IOException, InterruptedException {
        Process child = new ProcessBuilder("true").start();
        Process waiting = new ProcessBuilder("cat").start();
        try (Descriptor pidFd = PidFds.open(kernel, (int) waiting.pid())) {
            waiting.getOutputStream().close();
            assertThat(waiting.waitFor()).isZero();
            assertThat(calls.send(pidFd, Signal.KILL)).isEqualTo(-Linux.ESRCH());
            assertThat(calls.release(pidFd)).isEqualTo(-Linux.ESRCH());
        }
        assertThat(child.waitFor()).isZero();
    }

    // pidfd/pidfd_poll_test.c

    @Test
    void aPidfdIsReadableWhenTheProcessHasEnded() throws IOException, InterruptedException {
        Process child = new ProcessBuilder("cat").start();
        try (Descriptor pidFd = PidFds.open(kernel, (int) child.pid());
                Arena arena = Arena.ofConfined()) {
            MemorySegment poll = pollfd.allocate(arena);
            pollfd.fd(poll, pidFd.number());
            pollfd.events(poll, (short) Linux.POLLIN());
            assertThat(PidFds.exited(kernel, pidFd)).isFalse();
            child.getOutputStream().close();
            assertThat(kernel.call(Syscall.PPOLL, poll.address(), 1, 0, 0, 0)).isEqualTo(1);
            assertThat(pollfd.revents(poll) & Linux.POLLIN()).isEqualTo(Linux.POLLIN());
            child.waitFor();
            assertThat(PidFds.exited(kernel, pidFd)).isTrue();
        }
    }

    // pidfd/pidfd_wait.c

    @Test
    void waitidKnowsOnlyChildrenAndOnlyTheirEnd() throws IOException {
        try (var parent = Specimen.start("orphanage");
                Descriptor child = PidFds.open(kernel, (int) parent.pid());
                Descriptor grandchild =
                        PidFds.open(kernel, parent.numbers().getFirst().intValue());
                Arena arena = Arena.ofConfined()) {
            assertThat(ChildStatus.peek(kernel, child)).isEmpty();
            MemorySegment info = arena.allocate(128, 8);
            int options = Linux.WEXITED() | Linux.WNOHANG() | Linux.WNOWAIT();
            assertThat(kernel.call(Syscall.WAITID, Linux.P_PIDFD(), grandchild.number(), info.address(), options, 0))
                    .isEqualTo(-Linux.ECHILD());
            assertThat(kernel.call(Syscall.WAITID, Linux.P_PIDFD(), INVALID, info.address(), options, 0))
                    .isEqualTo(-Linux.EINVAL());
            assertThat(kernel.call(Syscall.WAITID, Linux.P_PIDFD(), child.number(), info.address(), 0, 0))
                    .isEqualTo(-Linux.EINVAL());
        }
    }

    // pidfd/pidfd_getfd_test.c

    @Test
    void anOpenFileOfAnotherProcessCanBeHad() throws IOException {
        try (var child = Specimen.start("crowd", 0);
                Descriptor pidFd = PidFds.open(kernel, (int) child.pid())) {
            assertThatThrownBy(() -> PidFds.openFileOf(kernel, pidFd, 999).close())
                    .isInstanceOfSatisfying(
                            ErrnoException.class,
                            failure -> assertThat(failure.errno()).isEqualTo(Linux.EBADF()));
            assertThat(kernel.call(Syscall.PIDFD_GETFD, pidFd.number(), 0, 1)).isEqualTo(-Linux.EINVAL());
            try (Descriptor copy = PidFds.openFileOf(kernel, pidFd, 0)) {
                assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + copy.number())))
                        .isEqualTo(Files.readSymbolicLink(Path.of("/proc/" + child.pid() + "/fd/0")));
            } catch (ErrnoException denied) {
                assertThat(denied.errno()).isEqualTo(Linux.EPERM());
                throw Skip.because("no right to attach to a child here: " + denied.getMessage());
            }
        }
    }

    // pidfd/pidfd_info_test.c

    @Test
    void infoTellsParentAndUserOfTheLivingAndTheStatusOfTheReaped() throws Exception {
        Process child = new ProcessBuilder("sh", "-c", "read line; exit 7").start();
        try (Descriptor pidFd = PidFds.open(kernel, (int) child.pid())) {
            ProcessInfo alive = ProcessInfo.of(kernel, pidFd)
                    .orElseThrow(() -> Skip.because("this kernel has no PIDFD_GET_INFO (Linux 6.13 has)"));
            assertThat(alive.parentPid()).hasValue((int) ProcessHandle.current().pid());
            assertThat(alive.userId()).hasValue((int) kernel.call(Syscall.GETUID));
            assertThat(alive.cgroupId()).isPresent();
            assertThat(alive.waitStatus()).isEmpty();
            child.getOutputStream().close();
            child.waitFor();
            OptionalInt status = OptionalInt.empty();
            for (int attempt = 0; status.isEmpty() && attempt < 100; attempt++) {
                status = ProcessInfo.of(kernel, pidFd)
                        .orElseThrow(() -> Skip.because("this kernel forgets who was reaped (Linux 6.15 does not)"))
                        .waitStatus();
                Thread.sleep(1);
            }
            assertThat(status).hasValue(7 << 8);
        }
    }
}
