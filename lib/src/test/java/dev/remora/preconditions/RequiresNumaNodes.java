package dev.remora.preconditions;

import dev.remora.numa.NumaTopology;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;

/** The test needs two NUMA nodes with memory: see {@code .ci/guest-tests}. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresNumaNodes.Condition.class)
public @interface RequiresNumaNodes {

    /** Counts them. */
    final class Condition extends Precondition {

        @Override
        Optional<String> missing() {
            int nodes = NumaTopology.ofThisHost().nodesWithMemory().size();
            return nodes >= 2
                    ? Optional.empty()
                    : Optional.of(
                            "only " + nodes + " NUMA node with memory (.ci/guest-tests runs it in a guest with two)");
        }
    }
}
