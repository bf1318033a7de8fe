package dev.remora;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What became of an action for which a process was to stand still.
 *
 * {@snippet file="Freezing.java" region="outcomes"}
 *
 * @param <T> what the action returns
 */
public sealed interface FrozenOutcome<T extends @Nullable Object> {

    /** {@return how the process was to be made to stand still} */
    FreezeMethod method();

    /** {@return what the action returned, whether or not the process stood still all the time; empty if it was not begun} */
    default Optional<T> result() {
        return Optional.empty();
    }

    /** {@return whether the process stood still from before the action began until after it had ended} */
    default boolean stoodStill() {
        return this instanceof Done;
    }

    /**
     * The process stood still while the action ran. If it ended meanwhile, it did so without having run on.
     *
     * @param <T> what the action returns
     * @param method how it was made to stand still
     * @param value what the action returned
     * @param standstill how long it stood still at most: from the first request until it was let run on
     */
    record Done<T extends @Nullable Object>(FreezeMethod method, T value, Duration standstill)
            implements FrozenOutcome<T> {

        @Override
        public Optional<T> result() {
            return Optional.ofNullable(value);
        }
    }

    /**
     * The limit was over before the action had ended: from then on the process ran again, and the action went on. What it
     * did before, it did to a process that stood still.
     *
     * @param <T> what the action returns
     * @param method how it was made to stand still
     * @param value what the action returned
     * @param standstill how long it stood still at most: from the first request until it was let run on
     */
    record TimedOut<T extends @Nullable Object>(FreezeMethod method, T value, Duration standstill)
            implements FrozenOutcome<T> {

        @Override
        public Optional<T> result() {
            return Optional.ofNullable(value);
        }
    }

    /**
     * Somebody else let the process run on before the action had ended: by SIGCONT, or by thawing its cgroup. That is seen
     * at the end of the action only, and not if it was stopped again. What cannot be seen then, for want of open files, counts
     * as disturbed.
     *
     * @param <T> what the action returns
     * @param method how it was made to stand still
     * @param value what the action returned
     */
    record Disturbed<T extends @Nullable Object>(FreezeMethod method, T value) implements FrozenOutcome<T> {

        @Override
        public Optional<T> result() {
            return Optional.ofNullable(value);
        }
    }

    /**
     * The process could not be made to stand still. It runs as before, and the action was not begun.
     *
     * @param <T> what the action returns
     * @param method how it was to be made to stand still
     * @param obstacle what was in the way, and what can be done
     * @param otherPid for {@link FreezeObstacle#TRACED} the process that traces it; for {@link
     *     FreezeObstacle#SHARED_CGROUP} one that is in its cgroup as well; each if it can be seen from here
     */
    record NotFrozen<T extends @Nullable Object>(FreezeMethod method, FreezeObstacle obstacle, OptionalLong otherPid)
            implements FrozenOutcome<T> {

        /** {@return one line that says what was in the way} */
        @Override
        public String toString() {
            String other = otherPid.isPresent() ? " (process " + otherPid.getAsLong() + ")" : "";
            return "not frozen by " + method + ": " + obstacle.explanation() + other;
        }
    }

    /**
     * The process had ended before it stood still, and the action was not begun.
     *
     * @param <T> what the action returns
     * @param method how it was to be made to stand still
     */
    record ProcessGone<T extends @Nullable Object>(FreezeMethod method) implements FrozenOutcome<T> {}
}
