package dev.remora;

import dev.remora.procfs.ReferencedBits;
import java.time.Duration;

/**
 * A moment from which on it is told which memory a process uses: {@link RemoteMemory#markUse(Pages)}, {@link
 * Selection#whatIsCold(UseMark)}.
 */
public final class UseMark {

    /** Which pages of the process to mark. */
    public enum Pages {
        /** All. */
        ALL(ReferencedBits.Pages.ALL),

        /** Those in mappings without a file. */
        ANONYMOUS(ReferencedBits.Pages.ANONYMOUS),

        /** Those in mappings of files, and shared memory. */
        OF_FILES(ReferencedBits.Pages.OF_FILES);

        private final ReferencedBits.Pages bits;

        Pages(ReferencedBits.Pages bits) {
            this.bits = bits;
        }

        ReferencedBits.Pages bits() {
            return bits;
        }
    }

    private final long pid;
    private final Pages pages;
    private final long made = System.nanoTime();

    UseMark(long pid, Pages pages) {
        this.pid = pid;
        this.pages = pages;
    }

    long pid() {
        return pid;
    }

    /** {@return which pages were marked} */
    public Pages pages() {
        return pages;
    }

    /** {@return how long ago it was made} */
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - made);
    }

    /** {@return what was marked, and how long ago} */
    @Override
    public String toString() {
        return "mark on the use of " + pages + " pages of process " + pid + ", made " + age().toMillis() + " ms ago";
    }
}
