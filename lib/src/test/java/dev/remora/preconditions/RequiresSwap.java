package dev.remora.preconditions;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test needs some swap. Where there is none, a small area is made for as long as the tests run, if that is allowed.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresSwap.Condition.class)
public @interface RequiresSwap {

    /** Looks for swap, or makes it. */
    final class Condition extends Precondition {

        @Override
        Optional<String> missing() {
            return TemporarySwap.missing();
        }
    }
}
