package dev.remora.procfs;

/** One of the ways to find out in which state pages are. */
interface PageReader {

    /** Adds what there is to tell of a range of pages, or throws {@link dev.remora.syscall.ErrnoException}. */
    void read(long from, long to, PageStates states);

    /** The bits of {@link PageStates} that it cannot tell. */
    int unknown();
}
