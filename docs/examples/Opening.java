import dev.remora.NoSuchProcessException;
import dev.remora.RemoteMemory;
import dev.remora.sandbox.SandboxedProcess;
import java.io.File;
import java.util.Optional;

/** Opens processes in all three ways, and shows what is refused. */
final class Opening {

    private Opening() {}

    public static void main(String[] arguments) {
        ProcessHandle handle;
        try (SandboxedProcess child = SandboxedProcess.start()) {
            handle = child.handle();
            show(handle);
        }
        refused(handle);
        refused(someThread());
    }

    private static void show(ProcessHandle handle) {
        // @start region=handle
        try (RemoteMemory memory = RemoteMemory.open(handle)) {
            System.out.println(memory + " maps " + memory.addressSpace().size() + " ranges");
        }
        // @end
    }

    private static void refused(ProcessHandle handle) {
        // @start region=refused
        try (RemoteMemory memory = RemoteMemory.open(handle)) {
            System.out.println(memory + " is still there");
        } catch (NoSuchProcessException none) {
            System.out.println(none.reason() + ": " + none.getMessage());
        }
        // @end
    }

    private static void refused(long number) {
        // @start region=find
        Optional<RemoteMemory> found = RemoteMemory.find(number);
        found.ifPresentOrElse(
                memory -> {
                    try (memory) {
                        System.out.println(memory + " can be looked after");
                    }
                },
                () -> System.out.println("nothing to look after behind this number"));
        // @end
    }

    /** The number of a thread of this process that is not the process itself. */
    private static long someThread() {
        for (String name : new File("/proc/self/task").list()) {
            if (Long.parseLong(name) != ProcessHandle.current().pid()) {
                return Long.parseLong(name);
            }
        }
        throw new IllegalStateException("a Java process has more than one thread");
    }
}
