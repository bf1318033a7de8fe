package dev.remora.preconditions;

import java.util.Optional;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** {@link RequiresRightToAdvise} for properties, which are not run by the engine that knows the annotation. */
public final class SkipWithoutRightToAdvise implements SkipExecutionHook {

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
        Optional<String> missing = new RequiresRightToAdvise.Condition().missing();
        missing.ifPresent(reason -> System.out.println("SKIPPED " + context.label() + ": " + reason));
        return missing.map(SkipResult::skip).orElseGet(SkipResult::doNotSkip);
    }
}
