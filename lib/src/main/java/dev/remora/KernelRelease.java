package dev.remora;

/**
 * What a kernel calls itself, such as {@code 6.1.0-18-amd64}.
 *
 * @param text its own words
 */
record KernelRelease(String text) {

    private static final String NUMBERED = "[0-9]{1,4}\\.[0-9]{1,4}.*";

    /** Says whether it is as new as a version of two numbers or more; not where it has no numbers. */
    boolean isAtLeast(String version) {
        if (!text.matches(NUMBERED)) {
            return false;
        }
        int[] here = numbers(text);
        int[] other = numbers(version);
        return here[0] != other[0] ? here[0] > other[0] : here[1] >= other[1];
    }

    private static int[] numbers(String version) {
        String[] parts = version.split("[^0-9]+", -1);
        return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])};
    }
}
