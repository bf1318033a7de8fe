package dev.remora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.NoSuchProcessException.Reason;
import dev.remora.preconditions.Skip;
import dev.remora.sandbox.SandboxedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What can be opened on a real kernel, and what is refused with which reason. Needs no rights. */
@Tag("kernel")
final class IdentityKernelTest {

    /** A shell might collect the child's status as long as it is a shell; the child ends once it has become a sleep. */
    private static final String CHILD_ENDS_WHEN_ITS_PARENT_NEVER_WAITS =
            "sh -c 'until grep -q sleep /proc/$PPID/comm; do :; done' & echo $!; exec sleep 60";

    private static Reason refusal(long pid) {
        try (RemoteMemory memory = RemoteMemory.open(pid)) {
            throw new AssertionError("opened " + memory);
        } catch (NoSuchProcessException refusal) {
            return refusal.reason();
        }
    }

    @Test
    void aChildIsOpenedByItsNumberAndByItsHandle() {
        try (var child = SandboxedProcess.start();
                var byNumber = RemoteMemory.open(child.pid());
                var byHandle = RemoteMemory.open(child.handle())) {
            assertThat(byNumber.pid()).isEqualTo(byHandle.pid()).isEqualTo(child.pid());
            assertThat(byNumber).hasToString("memory of process " + child.pid() + " (java)");
            assertThat(byNumber.addressSpace()).isNotEmpty();
        }
    }

    @Test
    void itsOwnMemoryCanBeLookedAt() {
        try (var memory = RemoteMemory.open(ProcessHandle.current())) {
            assertThat(memory.mappings().named("[stack]").matching()).hasSize(1);
        }
    }

    @Test
    void aHandleWhoseProcessHasEndedIsRefused() {
        var child = SandboxedProcess.start();
        ProcessHandle handle = child.handle();
        child.close();
        assertThatThrownBy(() -> RemoteMemory.open(handle).close()).isInstanceOf(NoSuchProcessException.class);
    }

    @Test
    void aNumberThatNobodyHasIsNotFound() {
        assertThat(refusal(4_194_304)).isEqualTo(Reason.NOT_FOUND);
        assertThat(RemoteMemory.find(4_194_304)).isEmpty();
    }

    @Test
    void aThreadIsRefused() throws IOException {
        try (var threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                long number = Long.parseLong(thread.getFileName().toString());
                if (number != ProcessHandle.current().pid()) {
                    assertThat(refusal(number)).isEqualTo(Reason.THREAD);
                    return;
                }
            }
        }
        throw new AssertionError("this JVM has but one thread");
    }

    @Test
    void aZombieIsRefused() throws IOException {
        Process parent = new ProcessBuilder("sh", "-c", CHILD_ENDS_WHEN_ITS_PARENT_NEVER_WAITS).start();
        try (BufferedReader output = parent.inputReader(StandardCharsets.UTF_8)) {
            long zombie = Long.parseLong(output.readLine());
            while (!Files.readString(Path.of("/proc/" + zombie + "/stat")).contains(") Z ")) {
                Thread.onSpinWait();
            }
            assertThat(refusal(zombie)).isEqualTo(Reason.ZOMBIE);
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aThreadOfTheKernelIsRefused() throws IOException {
        Path command = Path.of("/proc/2/comm");
        Skip.unless(
                Files.exists(command) && Files.readString(command).strip().equals("kthreadd"),
                "process 2 is not kthreadd here: a pid namespace hides the threads of the kernel");
        assertThat(refusal(2)).isEqualTo(Reason.KERNEL_THREAD);
    }

    @Test
    void openingAndClosingLeaksNoDescriptor() throws IOException {
        try (var child = SandboxedProcess.start()) {
            long before = Proc.openDescriptors();
            for (int i = 0; i < 10_000; i++) {
                try (var memory = RemoteMemory.open(child.pid())) {
                    var _ = memory.mappings().named("[heap]").matching();
                }
            }
            Await.until(() -> Proc.openDescriptors() <= before + 2);
        }
    }
}
