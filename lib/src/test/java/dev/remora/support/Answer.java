package dev.remora.support;

/** What a trial found out. */
sealed interface Answer {

    /** The kernel did it. */
    record Works() implements Answer {

        @Override
        public String toString() {
            return "works";
        }
    }

    /** The kernel cannot do it. */
    record Unsupported(String reason) implements Answer {

        @Override
        public String toString() {
            return "unsupported: " + reason;
        }
    }

    /** Something else was missing, so that this says nothing about the kernel. */
    record NotTried(String reason) implements Answer {

        @Override
        public String toString() {
            return "not tried: " + reason;
        }
    }

    /** Neither did it work nor is that explained: to be looked into. */
    record Failed(String what) implements Answer {

        @Override
        public String toString() {
            return "failed: " + what;
        }
    }
}
