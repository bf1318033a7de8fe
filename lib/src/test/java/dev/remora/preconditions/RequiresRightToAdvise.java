package dev.remora.preconditions;

import dev.remora.PermissionDeniedException;
import dev.remora.RemoteMemory;
import dev.remora.sandbox.SandboxedProcess;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;

/** The test advises other processes, for which the kernel asks CAP_SYS_NICE in the initial user namespace. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresRightToAdvise.Condition.class)
public @interface RequiresRightToAdvise {

    /** Tries it on a child: a capability that is shown may still be one of another user namespace. */
    final class Condition extends Precondition {

        private static final Optional<String> MISSING = tried();

        private static Optional<String> tried() {
            try (var child = SandboxedProcess.start();
                    var memory = RemoteMemory.open(child.handle())) {
                var _ = memory.ranges(child.map(memory.pageSize())).markCold();
                return Optional.empty();
            } catch (PermissionDeniedException denied) {
                return Optional.of("no CAP_SYS_NICE in the initial user namespace (run as root)");
            }
        }

        @Override
        Optional<String> missing() {
            return MISSING;
        }
    }
}
