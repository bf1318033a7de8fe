package dev.remora;

import dev.remora.bindings.Linux;
import dev.remora.procfs.Capability;
import dev.remora.procfs.ProcDirectory;
import dev.remora.procfs.ProcessRights;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import java.util.Optional;

/**
 * What the calling thread may do.
 *
 * @param rights its users and capabilities
 * @param initialNamespace whether its user namespace is the initial one, where capabilities count everywhere
 */
record Caller(ProcessRights rights, boolean initialNamespace) {

    /** {@code PROC_USER_INIT_INO} of the kernel. */
    private static final long INITIAL = 0xEFFF_FFFDL;

    /** Looks at the calling thread; empty where {@code /proc} does not tell. */
    static Optional<Caller> current(Kernel kernel) {
        try (ProcDirectory self = ProcDirectory.ofThisThread(kernel)) {
            boolean initial = inInitialNamespace(self);
            return ProcessRights.of(self).map(rights -> new Caller(rights, initial));
        } catch (ErrnoException unreadable) {
            return Optional.empty();
        }
    }

    /** A kernel that was built without them has no other. */
    private static boolean inInitialNamespace(ProcDirectory self) {
        try {
            return self.userNamespace() == INITIAL;
        } catch (ErrnoException failure) {
            if (failure.errno() == Linux.ENOENT()) {
                return true;
            }
            throw failure;
        }
    }

    /** Whether it has a capability that counts for whatever there is on this host. */
    boolean has(Capability capability) {
        return initialNamespace && rights.has(capability);
    }

    boolean hasOnlyInItsNamespace(Capability capability) {
        return !initialNamespace && rights.has(capability);
    }
}
