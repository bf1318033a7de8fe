package dev.remora;

import dev.remora.procfs.PageStates;

/** What can be told of a page of a process. Several can hold for one page. */
public enum PageFact {
    /** It is in RAM, and the process has it in its page table. */
    PRESENT(PageStates.PRESENT, "present"),

    /**
     * It is in swap. Not so of shared memory, of which a page table tells nothing when it is in swap. Where the writes of the
     * process are {@linkplain Selection#mark() tracked}, pages that it never touched are counted too: the kernel shows both
     * alike. So does it with {@link #GUARD guards} until it tells of those, from Linux 6.13 to 6.15.
     */
    SWAPPED(PageStates.SWAPPED, "swapped"),

    /** It belongs to a file or to shared memory, and is no changed copy. */
    FILE(PageStates.FILE, "of files or shared"),

    /** It is part of a huge page that is mapped as one: a transparent one, or one of the pool. */
    HUGE(PageStates.HUGE, "huge"),

    /** It is the page of zeros that all reading begins with, which takes no memory. Also {@link #PRESENT}. */
    ZERO_PAGE(PageStates.ZERO_PAGE, "page of zeros"),

    /** It was written since somebody cleared these marks, or since it is mapped ({@code CONFIG_MEM_SOFT_DIRTY}). */
    SOFT_DIRTY(PageStates.SOFT_DIRTY, "soft-dirty"),

    /** It was written since the last {@linkplain Selection#mark() mark}, in memory whose writes are tracked. */
    WRITTEN(PageStates.WRITTEN, "written"),

    /** It is a guard that is no mapping but a mark in the page table ({@code MADV_GUARD_INSTALL}, Linux 6.13). */
    GUARD(PageStates.GUARD, "guard");

    private final int bit;
    private final String words;

    PageFact(int bit, String words) {
        this.bit = bit;
        this.words = words;
    }

    int bit() {
        return bit;
    }

    String words() {
        return words;
    }
}
