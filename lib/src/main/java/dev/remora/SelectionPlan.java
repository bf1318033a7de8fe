package dev.remora;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What verbs would read and call for a selection now.
 *
 * @param selection what is selected, in words
 * @param verbs the plan of each verb
 */
public record SelectionPlan(String selection, List<VerbPlan> verbs) {

    /** Keeps a copy of the list. */
    public SelectionPlan {
        verbs = List.copyOf(verbs);
    }

    /** {@return a line for each verb} */
    @Override
    public String toString() {
        return verbs.stream().map(plan -> "\n  " + plan).collect(Collectors.joining("", selection, ""));
    }
}
