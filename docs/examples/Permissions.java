import static dev.remora.addressspace.ByteSize.MiB;

import dev.remora.MissingRight;
import dev.remora.PermissionDeniedException;
import dev.remora.RemoteMemory;
import dev.remora.sandbox.SandboxedProcess;

/** Advises a child of this process, which an ordinary user may not, and shows what is missing. */
final class Permissions {

    private Permissions() {}

    public static void main(String[] arguments) {
        try (SandboxedProcess child = SandboxedProcess.start()) {
            child.touch(child.map(8 * MiB));
            advise(child.pid());
        }
    }

    private static void advise(long pid) {
        // @start region=missing
        try (RemoteMemory memory = RemoteMemory.open(pid)) {
            System.out.println(memory.mappings().anonymous().writable().markCold());
        } catch (PermissionDeniedException denied) {
            System.out.println(denied.getMessage());
            for (MissingRight right : denied.missingRights()) {
                System.out.println(right + ": " + right.explanation() + ". " + right.remedy());
            }
        }
        // @end
    }
}
