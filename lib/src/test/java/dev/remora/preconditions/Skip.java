package dev.remora.preconditions;

import org.opentest4j.TestAbortedException;

/** Skips a test that finds out only while it runs that it cannot, and prints why. */
public final class Skip {

    private Skip() {}

    /** Goes on only if the condition holds. */
    public static void unless(boolean condition, String reason) {
        if (!condition) {
            throw because(reason);
        }
    }

    /** Returns what is to be thrown. */
    public static TestAbortedException because(String reason) {
        StackWalker.StackFrame test = StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> !frame.getClassName().equals(Skip.class.getName()))
                        .findFirst()
                        .orElseThrow());
        System.out.println("SKIPPED " + test + ": " + reason);
        return new TestAbortedException(reason);
    }
}
