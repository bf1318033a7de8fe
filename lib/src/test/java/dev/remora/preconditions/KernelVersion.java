package dev.remora.preconditions;

/** The version of the kernel that the tests run on. */
public final class KernelVersion {

    private KernelVersion() {}

    /** For answers that are documented to differ from one version on. */
    public static boolean isAtLeast(int major, int minor) {
        String[] here = System.getProperty("os.version").split("[^0-9]+", -1);
        int hereMajor = Integer.parseInt(here[0]);
        return hereMajor > major || (hereMajor == major && Integer.parseInt(here[1]) >= minor);
    }
}
