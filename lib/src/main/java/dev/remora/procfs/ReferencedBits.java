package dev.remora.procfs;

import dev.remora.procfs.ProcDirectory.Entry;
import dev.remora.syscall.Descriptor;
import dev.remora.syscall.ErrnoException;
import dev.remora.syscall.Kernel;
import dev.remora.syscall.OpenFiles;

/** Clears the marks that the processor leaves on pages that are used. */
public final class ReferencedBits {

    /** Of which pages, with what {@code clear_refs} takes for it. */
    public enum Pages {
        ALL("1"),
        ANONYMOUS("2"),
        OF_FILES("3");

        private final String number;

        Pages(String number) {
            this.number = number;
        }
    }

    private ReferencedBits() {}

    /** Clears those of the whole process, or throws {@link ErrnoException}. */
    public static void clear(Kernel kernel, ProcDirectory process, Pages pages) {
        try (Descriptor file = process.descriptorForWriting(Entry.CLEAR_REFS)) {
            ErrnoException.check(OpenFiles.write(kernel, file, pages.number), "write", "clear_refs, " + pages.number);
        }
    }
}
