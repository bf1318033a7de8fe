package dev.remora;

/** What became of a page that was to be moved to another NUMA node. */
public enum PageFate {
    /** It was moved to one of the nodes. */
    MOVED("moved"),

    /** It was on one of the nodes. */
    ALREADY_THERE("there already"),

    /**
     * There is nothing to move: the page was never touched, is in swap, or is the one with which all reading begins. Linux
     * 6.1 to 6.4 says so as well of pages in RAM that nobody may access at the moment: those of {@code PROT_NONE}, and those
     * that NUMA balancing has marked to see who uses them.
     */
    NOT_PRESENT("not in RAM"),

    /** Other processes map it too, and {@link Selection#moveTo} leaves such pages ({@code EACCES}). */
    SHARED("shared with other processes"),

    /**
     * It could not be moved in four attempts, because somebody was using it ({@code EBUSY}): input or output, or it is pinned.
     * No other page stays because of it.
     */
    BUSY("stayed busy; try again later"),

    /** Nothing is mapped there. */
    UNMAPPED("nothing is mapped here"),

    /** The nodes had no memory left ({@code ENOMEM}). */
    NO_MEMORY("no memory on the nodes"),

    /** Memory of the kernel or of a device, which stays where it is. */
    NOT_MOVABLE("cannot be moved"),

    /** The kernel was not asked to move it, because it had refused to go on before. */
    NOT_ATTEMPTED("not attempted"),

    /** The move came to its end before this page, because the process was gone. */
    NOT_REACHED("not reached");

    private final String explanation;

    PageFate(String explanation) {
        this.explanation = explanation;
    }

    /** {@return the fate in a few words for people} */
    public String explanation() {
        return explanation;
    }

    /** Whether there is nothing left to do for the page. */
    boolean settled() {
        return this == MOVED || this == ALREADY_THERE || this == NOT_PRESENT;
    }
}
