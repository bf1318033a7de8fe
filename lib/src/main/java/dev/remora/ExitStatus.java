package dev.remora;

/**
 * How a process ended, as {@code wait(2)} tells it.
 *
 * {@snippet file="Ending.java" region="exit"}
 */
public sealed interface ExitStatus {

    /**
     * It ended by itself.
     *
     * @param status 0 to 255
     */
    record Exited(int status) implements ExitStatus {

        /** {@return a few words} */
        @Override
        public String toString() {
            return "exited with status " + status;
        }
    }

    /**
     * A signal ended it.
     *
     * @param signal the number of the signal, 9 for SIGKILL
     * @param coreDumped whether it left a core dump
     */
    record Signaled(int signal, boolean coreDumped) implements ExitStatus {

        /** {@return a few words} */
        @Override
        public String toString() {
            return "ended by signal " + signal + (coreDumped ? ", core dumped" : "");
        }
    }

    /**
     * The kernel did not tell: it tells a parent about its children, and others only on Linux 6.15 and newer and after
     * the parent has collected the status.
     */
    record Unknown() implements ExitStatus {

        /** {@return a few words} */
        @Override
        public String toString() {
            return "ended, the kernel does not tell how";
        }
    }
}
