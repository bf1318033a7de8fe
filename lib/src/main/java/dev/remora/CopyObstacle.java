package dev.remora;

/** Why a part of the memory was not copied. */
public enum CopyObstacle {
    /** Nothing is mapped there. */
    HOLE("nothing is mapped here"),

    /** The process itself may not read it: its protection says so. */
    NOT_READABLE("the process itself may not read it"),

    /** The process itself may not write it: its protection says so. */
    NOT_WRITABLE("the process itself may not write it"),

    /**
     * The kernel lets nobody reach it from outside: it belongs to a device or to the kernel, lies behind the end of its file,
     * is a guard ({@code MADV_GUARD_INSTALL}), is secret ({@code memfd_secret(2)}), or is broken. A segment
     * here that was made of an address which may not be written is told of in the same way.
     */
    UNREACHABLE("the kernel gives no access to it"),

    /** The caller lost the right to reach the memory of this process while it was being copied. */
    NOT_PERMITTED("the right to do this was lost midway"),

    /** The kernel had no memory for the work. What comes behind was not tried. */
    OUT_OF_MEMORY("the kernel had no memory for the work"),

    /** The process was gone before its turn came. */
    PROCESS_GONE("the process was gone");

    private final String explanation;

    CopyObstacle(String explanation) {
        this.explanation = explanation;
    }

    /** {@return the reason in a few words for people} */
    public String explanation() {
        return explanation;
    }
}
