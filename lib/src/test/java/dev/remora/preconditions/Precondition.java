package dev.remora.preconditions;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a test whose precondition does not hold, and prints why. */
abstract class Precondition implements ExecutionCondition {

    /** Why the test cannot run here; empty if it can. */
    abstract Optional<String> missing();

    @Override
    public final ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return missing()
                .map(reason -> {
                    System.out.println(
                            "SKIPPED " + context.getRequiredTestClass().getSimpleName() + " " + context.getDisplayName()
                                    + ": " + reason);
                    return ConditionEvaluationResult.disabled(reason);
                })
                .orElseGet(() -> ConditionEvaluationResult.enabled("the machine has what it needs"));
    }
}
